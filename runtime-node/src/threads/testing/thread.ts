// A serving thread for tests of the supervisor: it holds to the messages and serves nothing; `App` says what befalls it.
import { parentPort, workerData } from 'node:worker_threads';
import { duplicateDescriptor } from '../listening-socket.ts';
import type { FromThread, ToThread } from '../messages.ts';
import type { ThreadData } from '../serving-thread.ts';
import { BeatView } from '../shared-beat.ts';

export interface TestApp {
  /** Number of its place. */
  readonly place: number;
  /** What befalls a thread, by the number of threads that there were before; those after the last only serve. */
  readonly fates: readonly Fate[];
  /** Whether it opens a socket, as apps with HTTP do. */
  readonly listens: boolean;
  /** Shared by all threads: how many there were. */
  readonly born: Int32Array<SharedArrayBuffer>;
}

export type Fate =
  | 'serve'
  /** Reports an error in place of serving. */
  | 'fail'
  /** Dies before it serves. */
  | 'die-early'
  /** Throws once it serves. */
  | 'crash'
  /** Says that its command has ended. */
  | 'finish'
  /** Never lets the event loop turn again, as a guest of the first component. */
  | 'stall'
  /** The same before it serves. */
  | 'stall-early'
  /** Stalls when it is asked to stop. */
  | 'stall-late';

export interface TestServed {
  readonly place: number;
}

const beat = new BeatView((workerData as ThreadData).beat);
let fate: Fate;

const send = (message: FromThread<TestServed>): void => parentPort?.postMessage(message, []);

parentPort?.on('message', (message: ToThread<TestApp>) => {
  switch (message.kind) {
    case 'serve': {
      const { place, fates, listens, born } = message.app;
      fate = fates[Atomics.add(born, 0, 1)] ?? 'serve';
      begin(place, listens && message.listening.kind === 'open');
      return;
    }
    case 'ping':
      beat.turn = message.turn;
      return;
    case 'read-meters':
      send({
        kind: 'meters',
        reading: {
          requests: [],
          messages: [],
          hostCalls: [],
          resets: [],
          limits: [],
          dropped: [],
          counters: [],
          histograms: [],
          gauges: { queue: 1, instances: [] },
        },
      });
      return;
    case 'stop':
      if (fate === 'stall-late') {
        stall();
      }
      send({ kind: 'stopped', ended: 2 });
  }
});

function begin(place: number, opens: boolean): void {
  if (fate === 'fail') {
    send({ kind: 'failed', error: { message: 'cannot serve', stack: undefined, cause: undefined, user: undefined } });
    return;
  }
  if (fate === 'die-early') {
    process.exit(1);
  }
  if (fate === 'stall-early') {
    stall();
  }
  // Any descriptor will do: nobody listens.
  send({ kind: 'serving', served: { place }, socket: opens ? duplicateDescriptor(0) : undefined, engine: [] });
  setImmediate(befall);
}

function befall(): void {
  if (fate === 'finish') {
    send({ kind: 'finished', code: 7 });
  }
  if (fate === 'crash') {
    throw new Error('crashed on purpose');
  }
  if (fate === 'stall') {
    stall();
  }
}

function stall(): never {
  beat.component = 0;
  beat.run = 1;
  for (;;) {
    // As a guest that computes without end.
  }
}
