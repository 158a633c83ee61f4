// The engine in each reset mode that works on this machine, its memories watched.
import { parse } from '@bytecodealliance/jco';
import {
  linkComponent,
  prepareComponent,
  type HostInterfaces,
  type LinkedComponent,
  type PreparedComponent,
} from '../../runtime-node/src/component/index.ts';
import {
  chooseResetter,
  RESET_MODES,
  ResetModeUnavailable,
  type MemoryResetter,
  type ResetMode,
} from '../../runtime-node/src/component/reset/index.ts';

import { WatchingResetter } from './watching-resetter.ts';

/** Every mode; those that this machine does not have are undefined, and tests of them are skipped by name. */
export const engines: ReadonlyMap<ResetMode, MemoryResetter | undefined> = new Map(
  RESET_MODES.map((mode) => [mode, resetterOf(mode)]),
);

export const modesHere: readonly ResetMode[] = RESET_MODES.filter((mode) => engines.get(mode) !== undefined);

function resetterOf(mode: ResetMode): MemoryResetter | undefined {
  try {
    return chooseResetter(mode);
  } catch (error) {
    if (error instanceof ResetModeUnavailable) {
      return undefined; // expected: another kernel, or a sandbox
    }
    throw error;
  }
}

export interface Engine<Guest> extends Disposable {
  readonly linked: LinkedComponent<Guest>;
  readonly watch: WatchingResetter;
}

export interface EngineSettings<Guest> {
  readonly mode: ResetMode;
  readonly interfaces?: HostInterfaces<Guest>;
  readonly instanceMemory?: number;
}

/** Linked, and warm: what is refused at start is thrown here. */
export function engineOf<Guest>(
  prepared: PreparedComponent,
  { mode, interfaces = new Map(), instanceMemory }: EngineSettings<Guest>,
): Engine<Guest> {
  const resetter = engines.get(mode);
  if (resetter === undefined) {
    throw new Error(`this machine does not reset by ${mode}`);
  }
  const watch = new WatchingResetter(resetter);
  const linked = linkComponent(prepared, interfaces, {
    name: 'test',
    engine: { resetter: watch, ...(instanceMemory === undefined ? {} : { instanceMemory }) },
  });
  linked.warm();
  return { linked, watch, [Symbol.dispose]: () => linked.close() };
}

export const prepareWat = async (text: string): Promise<PreparedComponent> =>
  prepareComponent(await parse(text), { name: 'test' });
