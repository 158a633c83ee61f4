// One guest in one reset mode, in a process of its own: request after request without HTTP, each timed. Prints JSON.
// `node loop.ts <guest> <mode> <count> <warm-up>`; started by suite.ts, since modes in one process disturb each other.
import { linkComponent, MustSuspend, prepareComponent } from '../../../runtime-node/src/component/index.ts';
import {
  chooseResetter,
  ResetModeUnavailable,
  type ResetMode,
} from '../../../runtime-node/src/component/reset/index.ts';
import type { CallMode } from '../../../runtime-node/src/component/index.ts';
import type { Guest } from '../../../runtime-node/src/host/guest.ts';
import { newIncomingRequest, newResponseOutparam } from '../../../runtime-node/src/host/http/index.ts';
import { fixture } from '../../guests/fixtures.ts';
import { percentile } from '../stats.ts';
import { calibration } from './calibration.ts';
import { openHost } from './host.ts';
import { DiscardingResponse, helloRequest } from './exchange.ts';

/** Slow modes of large guests would take minutes for what takes a quick one a second. */
const WARM_UP_MS = 4000;
const MEASURE_MS = 4000;
/** Fewer say little about the 95th percentile. */
const LEAST = 500;

/** Microseconds. */
export interface Percentiles {
  readonly p10: number;
  readonly median: number;
  readonly p95: number;
}

export interface LoopFigures {
  readonly guest: string;
  /** The mode in force: a component may not allow the one that was asked for. */
  readonly mode: ResetMode;
  readonly callMode: CallMode;
  readonly reset: Percentiles;
  readonly run: Percentiles;
  readonly total: Percentiles;
  /** What the same piece of JavaScript takes in this process, in microseconds. */
  readonly calibration: number;
}

const percentiles = (values: readonly number[]): Percentiles => ({
  p10: percentile(values, 10),
  median: percentile(values, 50),
  p95: percentile(values, 95),
});

async function measure(name: string, mode: ResetMode, count: number, warmUp: number): Promise<LoopFigures> {
  const { interfaces, newGuest } = await openHost();
  const prepared = await prepareComponent(await fixture(name), { name });
  const linked = linkComponent<Guest>(prepared, interfaces, { name, engine: { resetter: chooseResetter(mode) } });
  linked.warm();
  const handler = [...linked.exports.keys()].find((found) => found.startsWith('wasi:http/incoming-handler@')) ?? '';
  /** Microseconds of the request, and of putting the instance back. */
  const once = async (callMode: CallMode): Promise<[number, number]> => {
    const response = new DiscardingResponse();
    const begun = performance.now();
    const instance = linked.instantiate(newGuest(), callMode);
    try {
      const answer = instance.call(handler, 'handle', [
        newIncomingRequest(helloRequest),
        newResponseOutparam(response),
      ]);
      // Awaiting costs something, so only what is a promise is awaited.
      if (callMode === 'suspending') {
        await answer;
      }
    } finally {
      instance.dispose();
    }
    const answered = performance.now();
    instance.release();
    const ended = performance.now();
    response.check();
    return [(answered - begun) * 1000, (ended - answered) * 1000];
  };
  // As the server calls it: on the caller's stack, as long as the guest does not have to wait.
  let callMode: CallMode = linked.neverWaits ? 'plain' : 'trial';
  try {
    await once(callMode);
  } catch (error) {
    if (!(error instanceof MustSuspend)) {
      throw error;
    }
    callMode = 'suspending'; // expected: a guest that waits
  }
  const warmBegun = performance.now();
  for (let n = 0; n < warmUp && performance.now() - warmBegun < WARM_UP_MS; n += 1) {
    await once(callMode);
  }
  const [runs, resets]: [number[], number[]] = [[], []];
  const begun = performance.now();
  for (let n = 0; n < count && (n < LEAST || performance.now() - begun < MEASURE_MS); n += 1) {
    const [run, reset] = await once(callMode);
    runs.push(run);
    resets.push(reset);
  }
  return {
    guest: name,
    mode: linked.reset.mode,
    callMode,
    reset: percentiles(resets),
    run: percentiles(runs),
    total: percentiles(runs.map((run, n) => run + (resets[n] ?? 0))),
    calibration: calibration(),
  };
}

const [guest = '', mode = '', count = '', warmUp = ''] = process.argv.slice(2);
try {
  console.log(JSON.stringify(await measure(guest, mode as ResetMode, Number(count), Number(warmUp))));
} catch (error) {
  if (!(error instanceof ResetModeUnavailable)) {
    throw error;
  }
  console.log(JSON.stringify({ unavailable: error.message })); // expected: this machine does not have every mode
}
process.exit(0); // timers of the host must not hold it
