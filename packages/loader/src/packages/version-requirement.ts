// Which versions of a package a requirement allows, by the rules of Rust's crate `semver`, which Spin and wkg follow:
// `1.2` means `^1.2`, a comma means "and", a prerelease must be asked for by name.

export interface Version {
  readonly text: string;
  readonly numbers: readonly [major: number, minor: number, patch: number];
  /** Dot-separated identifiers; empty for a release. */
  readonly prerelease: readonly string[];
}

interface Comparator {
  readonly operator: string;
  /** The numbers that are written; the rest is any. */
  readonly numbers: readonly number[];
  readonly prerelease: readonly string[];
}

export type VersionRequirement = readonly Comparator[];

const PRERELEASE = '(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?(?:\\+[0-9A-Za-z.-]+)?';
const VERSION = new RegExp(`^(\\d+)\\.(\\d+)\\.(\\d+)${PRERELEASE}$`);
const COMPARATOR = new RegExp(`^(=|>=|>|<=|<|~|\\^)?\\s*(\\d+)(?:\\.(\\d+|[*xX]))?(?:\\.(\\d+|[*xX])${PRERELEASE})?$`);

export function parseVersion(text: string): Version | undefined {
  const match = VERSION.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, major, minor, patch, prerelease] = match;
  return { text, numbers: [Number(major), Number(minor), Number(patch)], prerelease: prerelease?.split('.') ?? [] };
}

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
  return /^=\s*(\S+)$/.exec(text.trim())?.[1]?.match(VERSION)?.[0];
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
  const candidates = versions.map(parseVersion).filter((v) => v !== undefined && allows(requirement, v)) as Version[];
  return candidates.toSorted((a, b) => compareVersions(b, a))[0]?.text;
}

export function compareVersions(a: Omit<Version, 'text'>, b: Omit<Version, 'text'>): number {
  for (const index of [0, 1, 2] as const) {
    if (a.numbers[index] !== b.numbers[index]) {
      return a.numbers[index] - b.numbers[index];
    }
  }
  return comparePrereleases(a.prerelease, b.prerelease);
}

function parseComparator(text: string): Comparator | undefined {
  const match = COMPARATOR.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, operator, major = '', minor, patch, prerelease] = match;
  const written = [major, minor, patch].filter((number) => number !== undefined);
  const wildcard = written.findIndex((number) => /[*xX]/.test(number));
  // `1.*.3` says nothing that has a meaning.
  if (wildcard !== -1 && written.slice(wildcard).some((number) => /\d/.test(number))) {
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

/** Semantic Versioning 2.0.0, item 11. */
function comparePrereleases(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) {
    return b.length - a.length === 0 ? 0 : a.length === 0 ? 1 : -1;
  }
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const order = compareIdentifiers(a[index] ?? '', b[index] ?? '');
    if (order !== 0) {
      return order;
    }
  }
  return a.length - b.length;
}

function compareIdentifiers(a: string, b: string): number {
  const numeric = [a, b].map((identifier) => /^\d+$/.test(identifier));
  if (numeric[0] === true && numeric[1] === true) {
    return Number(a) - Number(b);
  }
  if (numeric[0] !== numeric[1]) {
    return numeric[0] === true ? -1 : 1;
  }
  return a === b ? 0 : a < b ? -1 : 1;
}
