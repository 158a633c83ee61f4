import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { stopSignal } from './stop-signal.ts';

/** What the function needs of a process, and a clock. */
class Recorder extends EventEmitter {
  readonly exits: unknown[] = [];
  time = 1000;
  readonly now = (): number => this.time;
  exit(code?: unknown): never {
    this.exits.push(code);
    return undefined as never;
  }
}

function record(): { process: Recorder; stop: ReturnType<typeof stopSignal> } {
  const process = new Recorder();
  return { process, stop: stopSignal(process as unknown as NodeJS.Process, process.now) };
}

it('asks for a stop at the first signal', async () => {
  const { process, stop } = record();
  expect(stop.signal.aborted).toBe(false);
  process.emit('SIGTERM', 'SIGTERM');
  await stop.requested;
  expect([stop.signal.aborted, process.exits]).toEqual([true, []]);
});

it.each([
  ['SIGINT', 'SIGINT', 250, []],
  ['SIGINT', 'SIGINT', 251, [130]],
  ['SIGTERM', 'SIGTERM', 251, [143]],
  ['SIGTERM', 'SIGINT', 0, [130]],
  ['SIGINT', 'SIGTERM', 0, [143]],
])('after %s, %s %i ms later exits with %j', (first, second, later, exits) => {
  const { process } = record();
  process.emit(first, first);
  process.time += later;
  process.emit(second, second);
  expect(process.exits).toEqual(exits);
});

it('gives the signals back', () => {
  const { process, stop } = record();
  stop.release();
  expect(process.eventNames()).toEqual([]);
});
