// Versions and their order (Semantic Versioning 2.0.0), read as strictly as Rust's crate `semver`, which Spin uses.

export interface Version {
  readonly text: string;
  readonly numbers: readonly [major: number, minor: number, patch: number];
  /** Dot-separated identifiers; empty for a release. */
  readonly prerelease: readonly string[];
}

export const NUMBER = '(?:0|[1-9][0-9]*)';
const LABELS = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
/** Prerelease, which is captured, and build. */
export const SUFFIXES = `(?:-(${LABELS}))?(?:\\+${LABELS})?`;
const VERSION = new RegExp(`^(${NUMBER})\\.(${NUMBER})\\.(${NUMBER})${SUFFIXES}$`);

export function parseVersion(text: string): Version | undefined {
  const match = VERSION.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, major, minor, patch, prerelease] = match;
  return { text, numbers: [Number(major), Number(minor), Number(patch)], prerelease: prerelease?.split('.') ?? [] };
}

/** Versions of one class may stand for one another; a prerelease only for itself. */
export function compatibilityClass({ numbers, prerelease }: Version): string {
  const [major, minor, patch] = numbers;
  if (prerelease.length > 0) {
    return `${numbers.join('.')}-${prerelease.join('.')}`;
  }
  if (major > 0) {
    return `${major}`;
  }
  return minor > 0 ? `0.${minor}` : `0.0.${patch}`;
}

/** Item 11. */
export function compareVersions(a: Omit<Version, 'text'>, b: Omit<Version, 'text'>): number {
  for (const index of [0, 1, 2] as const) {
    if (a.numbers[index] !== b.numbers[index]) {
      return a.numbers[index] - b.numbers[index];
    }
  }
  return comparePrereleases(a.prerelease, b.prerelease);
}

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
