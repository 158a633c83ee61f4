// Which versions of a package a requirement allows, by the rules of Rust's crate `semver`, which Spin and wkg follow:
// `1.2` means `^1.2`, a comma means "and", a prerelease must be asked for by name.

import { compareVersions, NUMBER, parseVersion, SUFFIXES, type Version } from './version.ts';

interface Comparator {
  readonly operator: string;
  /** The numbers that are written; the rest is any. */
  readonly numbers: readonly number[];
  readonly prerelease: readonly string[];
}

export type VersionRequirement = readonly Comparator[];

// `1`, `1.2`, `=1.2.3`, `1.*`; what stands for any number may be written as a star or an x.
const NUMBER_OR_ANY = `(${NUMBER}|[*xX])`;
const COMPARATOR = new RegExp(
  `^(=|>=|>|<=|<|~|\\^)?\\s*(${NUMBER})(?:\\.${NUMBER_OR_ANY})?(?:\\.${NUMBER_OR_ANY}${SUFFIXES})?$`,
);

/** undefined when the text is no requirement. */
export function parseRequirement(text: string): VersionRequirement | undefined {
  if (text.trim() === '*') {
    return [];
  }
  const comparators = text.split(',').map((part) => parseComparator(part.trim()));
  return comparators.every((comparator) => comparator !== undefined) ? comparators : undefined;
}

/** The one version that a requirement allows, when it is written as `=1.2.3`. */
export function exactVersion(text: string): string | undefined {
  const written = /^=\s*(\S+)$/.exec(text.trim())?.[1];
  return written === undefined ? undefined : parseVersion(written)?.text;
}

export function allows(requirement: VersionRequirement, version: Version): boolean {
  const mayBePrerelease = requirement.some(
    ({ numbers, prerelease }) => prerelease.length > 0 && numbers.every((number, i) => number === version.numbers[i]),
  );
  return (
    (version.prerelease.length === 0 || mayBePrerelease) &&
    requirement.every((comparator) => satisfies(comparator, version))
  );
}

/** The highest of the versions that are allowed. Texts that are no versions are passed over, as wkg does. */
export function highestAllowed(requirement: VersionRequirement, versions: readonly string[]): string | undefined {
  const candidates = versions.flatMap((version) => parseVersion(version) ?? []);
  const allowed = candidates.filter((version) => allows(requirement, version));
  return allowed.toSorted((a, b) => compareVersions(b, a))[0]?.text;
}

function parseComparator(text: string): Comparator | undefined {
  const match = COMPARATOR.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, operator, major = '', minor, patch, prerelease] = match;
  const written = [major, minor, patch].filter((number) => number !== undefined);
  const wildcard = written.findIndex((number) => /[*xX]/.test(number));
  // `1.*.3` and `1.2.*-rc` say nothing that has a meaning.
  if (wildcard !== -1 && (prerelease !== undefined || written.slice(wildcard).some((number) => /\d/.test(number)))) {
    return undefined;
  }
  const numbers = (wildcard === -1 ? written : written.slice(0, wildcard)).map(Number);
  return { operator: operator ?? (wildcard === -1 ? '^' : '='), numbers, prerelease: prerelease?.split('.') ?? [] };
}

function satisfies({ operator, numbers, prerelease }: Comparator, version: Version): boolean {
  const [major = 0, minor = 0, patch = 0] = numbers;
  const comparison = compareVersions(version, { numbers: [major, minor, patch], prerelease });
  const belongs = numbers.every((number, index) => number === version.numbers[index]);
  const isWhole = numbers.length === 3;
  switch (operator) {
    case '>':
      return isWhole ? comparison > 0 : comparison > 0 && !belongs;
    case '>=':
      return comparison >= 0;
    case '<':
      return comparison < 0;
    case '<=':
      return isWhole ? comparison <= 0 : comparison < 0 || belongs;
    case '=':
      return isWhole ? comparison === 0 : belongs;
    case '~':
      return comparison >= 0 && numbers.slice(0, 2).every((number, index) => number === version.numbers[index]);
    default:
      return comparison >= 0 && sameUpToFirstNonZero(numbers, version);
  }
}

/** The caret's rule: the leftmost number that is not zero may not change. */
function sameUpToFirstNonZero(numbers: readonly number[], version: Version): boolean {
  const first = numbers.findIndex((number) => number !== 0);
  const fixed = first === -1 ? numbers.length : first + 1;
  return numbers.slice(0, fixed).every((number, index) => number === version.numbers[index]);
}
