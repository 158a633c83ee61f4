// How functions of a release candidate are made of those of today. Resources are the same classes, so that what one
// interface gives another takes; a function that is as it was keeps its second implementation at the core ABI.
import { Trap, type HostFunction, type HostInterface } from '../../component/index.ts';
import { andThen } from '../attempt.ts';
import type { Guest } from '../guest.ts';

export type Functions = HostInterface<Guest>['functions'];
/** By `wasi:package/interface`, the interface of today. */
export type Released = (name: string) => HostInterface<Guest>;

/** Makes one interface of a candidate. */
export type Candidate = (today: HostInterface<Guest>, released: Released) => HostInterface<Guest>;

export const asToday: Candidate = (today) => today;

export function functionOf(from: Functions, name: string): HostFunction<Guest> {
  const found = Object.hasOwn(from, name) ? from[name] : undefined;
  if (found === undefined) {
    throw new Error(`there is no host function "${name}" to make one of a release candidate of`);
  }
  return found;
}

export const invoke = (called: HostFunction<Guest>, guest: Guest, ...args: readonly unknown[]): unknown =>
  (called.call as unknown as (guest: Guest, ...args: readonly unknown[]) => unknown)(guest, ...args);

/** With other parameters, another result, or both. */
export function changed(
  called: HostFunction<Guest>,
  { args = (...same) => same, result = (same) => same }: Change,
): HostFunction<Guest> {
  const call = (guest: Guest, ...given: readonly unknown[]): unknown =>
    andThen(invoke(called, guest, ...args(...given)), result);
  return { call: call as unknown as HostFunction<Guest>['call'], waits: called.waits };
}

export interface Change {
  readonly args?: (...given: readonly unknown[]) => readonly unknown[];
  readonly result?: (value: unknown) => unknown;
}

/** Under other names; `names`: of the candidate to those of today. */
export const renamed = (today: Functions, names: Readonly<Record<string, string>>): Functions =>
  Object.fromEntries(Object.entries(names).map(([name, now]) => [name, functionOf(today, now)]));

/** Functions that have no successor: Spin too ends the guest that calls one, with these words. */
export const gone = (
  names: readonly string[],
  suffix = ' API is no longer supported in the latest snapshot',
): Functions =>
  Object.fromEntries(
    names.map((name) => [
      name,
      {
        call: () => {
          throw new Trap(`${name.replace(/^\[method\][^.]*\./, '')}${suffix}`);
        },
        waits: false,
      },
    ]),
  );
