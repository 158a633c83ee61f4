// Both release candidates of WASI 0.2, of October and November 2023, made of the interfaces of today for the components
// that import them (spin-contract.md §3.8). The resources are the same ones.
import type { HostInterface } from '../../component/index.ts';
import type { Guest } from '../guest.ts';
import { asToday, type Candidate, type Released } from './adapt.ts';
import { CANDIDATE_2023_10_18 } from './candidate-2023-10-18.ts';
import { CANDIDATE_2023_11_10 } from './candidate-2023-11-10.ts';

type Interfaces = ReadonlyMap<string, HostInterface<Guest>>;

const CANDIDATES: ReadonlyMap<string, Readonly<Record<string, Candidate>>> = new Map([
  ['0.2.0-rc-2023-10-18', CANDIDATE_2023_10_18],
  ['0.2.0-rc-2023-11-10', CANDIDATE_2023_11_10],
]);

/** The interfaces of candidates among those that a component imports, as far as there is one of today to make them of. */
export function releaseCandidates(today: Interfaces, imported: readonly string[]): Interfaces {
  const made = new Map<string, HostInterface<Guest>>();
  for (const name of imported) {
    const [base = '', version = ''] = name.split('@');
    const candidates = CANDIDATES.get(version);
    const current = findToday(today, base);
    if (candidates !== undefined && current !== undefined) {
      const make = Object.hasOwn(candidates, base) ? candidates[base] : undefined;
      made.set(name, (make ?? asToday)(current, releasedIn(today)));
    }
  }
  return made;
}

const releasedIn =
  (today: Interfaces): Released =>
  (name) => {
    const found = findToday(today, name);
    if (found === undefined) {
      throw new Error(`there is no host interface ${name}@0.2 to make a release candidate of`);
    }
    return found;
  };

/** What the host has of 0.2, whatever its patch version. */
function findToday(today: Interfaces, base: string): HostInterface<Guest> | undefined {
  for (const [name, hostInterface] of today) {
    if (name.startsWith(`${base}@0.2.`)) {
      return hostInterface;
    }
  }
  return undefined;
}
