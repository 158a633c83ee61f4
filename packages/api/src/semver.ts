// As much of semantic versioning as manifests need: is this a version, is this a requirement, are two compatible.
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** Empty for a release. */
  readonly prerelease: string;
}

const NUMBER = '(?:0|[1-9][0-9]*)';
const LABELS = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const VERSION = new RegExp(`^(${NUMBER})\\.(${NUMBER})\\.(${NUMBER})(?:-(${LABELS}))?(?:\\+${LABELS})?$`);
// Cargo's form, which Spin uses: `1`, `1.2`, `=1.2.3`, `>=1.0, <2.0`, `1.*`, `*`.
const COMPARATOR = new RegExp(
  `^(?:=|>=|>|<=|<|~|\\^)?\\s*${NUMBER}(?:\\.(?:[*xX]|${NUMBER}))?` +
    `(?:\\.(?:[*xX]|${NUMBER}(?:-${LABELS})?(?:\\+${LABELS})?))?$`,
);

export function parseVersion(text: string): Version | undefined {
  const match = VERSION.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, major, minor, patch, prerelease = ''] = match;
  return { major: Number(major), minor: Number(minor), patch: Number(patch), prerelease };
}

export function isVersionRequirement(text: string): boolean {
  return text.trim() === '*' || text.split(',').every((comparator) => COMPARATOR.test(comparator.trim()));
}

/** Versions of one class may stand for one another; a prerelease only for itself. */
export function compatibilityClass({ major, minor, patch, prerelease }: Version): string {
  if (prerelease !== '') {
    return `${major}.${minor}.${patch}-${prerelease}`;
  }
  if (major > 0) {
    return `${major}`;
  }
  return minor > 0 ? `0.${minor}` : `0.0.${patch}`;
}
