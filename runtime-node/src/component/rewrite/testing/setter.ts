// A thread that sets the flag of its work data again and again, until it is ended: so that no test depends on when.
import { workerData } from 'node:worker_threads';

const flag = workerData as Int32Array<SharedArrayBuffer>;
const never = new Int32Array(new SharedArrayBuffer(4));
for (;;) {
  Atomics.store(flag, 0, 1);
  Atomics.wait(never, 0, 0, 1);
}
