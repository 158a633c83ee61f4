// Gives memory back when a thread has come to rest after its start: what loading has left in V8's heap, and what the C
// library keeps of what was freed. Costs some 20 ms once; V8 and glibc would keep both for as long as the process is idle.
// V8 forgets what it has learnt of the code too, so that this is for before there is traffic, not for after.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { loadNodeFfi } from '../ffi/node-ffi.ts';

type Collect = (how: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

/** Between looks; the first comes so long after a thread has begun to serve. */
const LOOK_MS = 1_000;
/** A thread that is busy for longer has traffic, and memory that is used. */
const LOOKS = 10;
/** A second that is busier than this is not rest. */
const REST_UTILIZATION = 0.05;

/** Once, in the first second of rest. */
export function giveBackAtRest(looks = LOOKS): void {
  const before = performance.eventLoopUtilization();
  setTimeout(() => {
    if (performance.eventLoopUtilization(before).utilization < REST_UTILIZATION) {
      giveBackMemory();
    } else if (looks > 1) {
      giveBackAtRest(looks - 1);
    }
  }, LOOK_MS).unref();
}

function giveBackMemory(): void {
  // Contexts made from now on have V8's collector; there is no other way to it. The flag stays, since it is the process's
  // and another thread may be about to make its context.
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  trimHeap();
}

function trimHeap(): void {
  try {
    const { functions } = loadNodeFfi().dlopen(null, { malloc_trim: { arguments: ['u64'], return: 'i32' } });
    functions.malloc_trim(0n);
  } catch {
    // expected: no node:ffi, or a C library without this call
  }
}
