// Decides how memories are put back in this process: the best mode that the self-test allows, or the one asked for.
import { readFileSync } from 'node:fs';
import { loadLibc, type Libc } from '../../ffi/index.ts';
import { openPagemap, type Pagemap } from './pagemap.ts';
import { copyResetter, freshResetter, madviseResetter, pagemapResetter } from './resetters.ts';
import { checkAddresses, checkPagemap, checkReset, type ProcessFacts } from './self-test.ts';
import type { MemoryResetter, ResetMode } from './types.ts';

/** What is tried; arguments so that tests can take it away. */
export interface System extends ProcessFacts {
  loadLibc(): Libc;
  openPagemap(): Pagemap;
}

/** The mode that was asked for does not work here. */
export class ResetModeUnavailable extends Error {
  override readonly name = 'ResetModeUnavailable';
  readonly mode: ResetMode;
  readonly reason: string;

  constructor(mode: ResetMode, reason: string) {
    super(`memories cannot be put back by ${mode}: ${reason}`);
    this.mode = mode;
    this.reason = reason;
  }
}

/**
 * Runs the self-test, which takes a few milliseconds: once per thread. Throws ResetModeUnavailable when `forced` does
 * not work here; nothing else ever.
 */
export function chooseResetter(forced?: ResetMode, system: System = thisProcess()): MemoryResetter {
  if (forced === 'fresh') {
    return freshResetter(undefined);
  }
  if (forced === 'copy') {
    return copyResetter(undefined);
  }
  const best = bestResetter(system, forced);
  if (forced !== undefined && best.mode !== forced) {
    throw new ResetModeUnavailable(forced, best.reason ?? best.mode);
  }
  return best;
}

/** No better than `limit`. */
function bestResetter(system: System, limit: ResetMode | undefined): MemoryResetter {
  let libc: Libc;
  let reason: string | undefined;
  try {
    libc = system.loadLibc();
    checkAddresses(libc, system);
  } catch (error) {
    // expected: another system, or one that forbids it.
    return copyResetter(`memories cannot be mapped: ${messageOf(error)}`);
  }
  if (limit !== 'madvise') {
    try {
      return testedPagemapResetter(libc, system.openPagemap());
    } catch (error) {
      // expected: sandboxes have no page map.
      reason = `written pages cannot be found: ${messageOf(error)}`;
    }
  }
  try {
    const resetter = madviseResetter(libc, reason);
    checkReset(resetter);
    return resetter;
  } catch (error) {
    // expected: sandboxes do not all map memory as Linux does.
    return copyResetter(`memories cannot be mapped: ${messageOf(error)}`);
  }
}

function testedPagemapResetter(libc: Libc, pagemap: Pagemap): MemoryResetter {
  const byFaults = pagemapResetter(libc, pagemap, () => libc.threadFaults(), undefined);
  if (checkPagemap(libc, pagemap, byFaults)) {
    return byFaults;
  }
  const reason = 'page faults are not counted, so that the page map is read at each reset';
  const always = pagemapResetter(libc, pagemap, () => undefined, reason);
  checkReset(always);
  return always;
}

const thisProcess = (): System => ({
  execArgv: process.execArgv,
  maps: () => readFileSync('/proc/self/maps', 'utf8'),
  loadLibc,
  openPagemap,
});

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
