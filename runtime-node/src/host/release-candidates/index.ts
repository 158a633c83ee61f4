// Both release candidates of WASI 0.2, of October and November 2023, and the one of WASI 0.3 of March 2026, made of the
// interfaces of today for the components that import them (spin-contract.md §3.8, §4.13). The resources are the same ones.
import type { HostInterface } from '../../component/index.ts';
import type { Guest } from '../guest.ts';
import { asToday, type Candidate, type Released } from './adapt.ts';
import { CANDIDATE_2023_10_18 } from './candidate-2023-10-18.ts';
import { CANDIDATE_2023_11_10 } from './candidate-2023-11-10.ts';

type Interfaces = ReadonlyMap<string, HostInterface<Guest>>;

interface Candidates {
  /** What became of them. */
  readonly release: string;
  /** By name; those that are not here are as they were. */
  readonly changed: Readonly<Record<string, Candidate>>;
}

const CANDIDATES: ReadonlyMap<string, Candidates> = new Map([
  ['0.2.0-rc-2023-10-18', { release: '0.2', changed: CANDIDATE_2023_10_18 }],
  ['0.2.0-rc-2023-11-10', { release: '0.2', changed: CANDIDATE_2023_11_10 }],
  ['0.3.0-rc-2026-03-15', { release: '0.3', changed: {} }],
]);

/** The interfaces of candidates among those that a component imports, as far as there is one of today to make them of. */
export function releaseCandidates(today: Interfaces, imported: readonly string[]): Interfaces {
  const made = new Map<string, HostInterface<Guest>>();
  for (const name of imported) {
    const [base = '', version = ''] = name.split('@');
    const candidates = CANDIDATES.get(version);
    const current = candidates && findToday(today, base, candidates.release);
    if (candidates !== undefined && current !== undefined) {
      const { changed, release } = candidates;
      const make = Object.hasOwn(changed, base) ? changed[base] : undefined;
      made.set(name, (make ?? asToday)(current, releasedIn(today, release)));
    }
  }
  return made;
}

const releasedIn =
  (today: Interfaces, release: string): Released =>
  (name) => {
    const found = findToday(today, name, release);
    if (found === undefined) {
      throw new Error(`there is no host interface ${name}@${release} to make a release candidate of`);
    }
    return found;
  };

/** What the host has of a release, whatever its patch version. */
function findToday(today: Interfaces, base: string, release: string): HostInterface<Guest> | undefined {
  for (const [name, hostInterface] of today) {
    if (name.startsWith(`${base}@${release}.`)) {
      return hostInterface;
    }
  }
  return undefined;
}
