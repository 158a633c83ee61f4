// What a thread holds for its memories is given back when it is terminated, which runs none of its code.
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';

const MODULE = join(import.meta.dirname, 'index.ts');

const script = `
  import(${JSON.stringify(MODULE)}).then(({ chooseResetter }) => {
    const resetter = chooseResetter('pagemap');
    globalThis.kept = Array.from({ length: 10 }, () => {
      const memory = new WebAssembly.Memory({ initial: 4 });
      new Uint8Array(memory.buffer).fill(1);
      const image = resetter.capture(memory);
      return { memory, image, resettable: resetter.attach(memory, image) };
    });
    require('node:worker_threads').parentPort.postMessage('ready');
    for (;;) {}
  });`;

const mappedImages = (): number => readFileSync('/proc/self/maps', 'utf8').split('spindle-image').length - 1;

describe.skipIf(process.platform !== 'linux')('a thread that is terminated', () => {
  it('leaves neither descriptors nor mappings of its images', async () => {
    const descriptors = readdirSync('/proc/self/fd').length;
    for (let round = 0; round < 3; round++) {
      const worker = new Worker(script, { eval: true });
      expect(await once(worker, 'message')).toEqual(['ready']);
      // One for each memory and one for what it is put back to; those of the self-test may still be there.
      expect(mappedImages()).toBeGreaterThanOrEqual(20);
      await worker.terminate();
    }
    expect(mappedImages()).toBe(0);
    expect(readdirSync('/proc/self/fd').length).toBe(descriptors);
  });
});
