// Components written as text, linked to a host made of plain functions.
import { parse } from '@bytecodealliance/jco';
import type { CallMode, ComponentInstance, LinkedComponent } from '../../api.ts';
import { plain, waiting, type HostFunction, type HostInterface, type HostResourceClass } from '../../host-interface.ts';
import { prepareComponent } from '../../prepare/index.ts';
import type { EngineOptions } from '../engine.ts';
import { linkComponent } from '../link.ts';

type Call = (...args: never[]) => unknown;

interface HostSketch {
  /** By WIT name; each gets the WIT parameters only. */
  readonly functions?: Readonly<Record<string, Call>>;
  /** As `functions`, for those that may answer with a promise. */
  readonly waiting?: Readonly<Record<string, Call>>;
  /** As they are. */
  readonly raw?: Readonly<Record<string, HostFunction<unknown>>>;
  readonly resources?: Readonly<Record<string, HostResourceClass>>;
}

export type HostSketches = Readonly<Record<string, HostSketch>>;

const withoutGuest =
  (call: Call) =>
  (_guest: unknown, ...args: never[]): unknown =>
    call(...args);

function hostInterface({
  functions = {},
  waiting: waits = {},
  raw = {},
  resources = {},
}: HostSketch): HostInterface<unknown> {
  return {
    functions: {
      ...Object.fromEntries(Object.entries(functions).map(([name, call]) => [name, plain(withoutGuest(call))])),
      ...Object.fromEntries(Object.entries(waits).map(([name, call]) => [name, waiting(withoutGuest(call))])),
      ...raw,
    },
    resources,
  };
}

export async function linkWat(
  text: string,
  hosts: HostSketches = {},
  engine: EngineOptions = {},
): Promise<LinkedComponent<unknown>> {
  const prepared = await prepareComponent(await parse(text), { name: 'test' });
  const interfaces = new Map(Object.entries(hosts).map(([name, sketch]) => [name, hostInterface(sketch)]));
  return linkComponent(prepared, interfaces, { name: 'test', engine });
}

export async function instantiateWat(
  text: string,
  hosts: HostSketches = {},
  mode: CallMode = 'plain',
): Promise<ComponentInstance> {
  return (await linkWat(text, hosts)).instantiate({}, mode);
}
