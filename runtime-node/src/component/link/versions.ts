// Which of the host's interfaces answers an import: the same name, and a version that semver calls compatible.

interface InterfaceName {
  readonly base: string;
  readonly version: Version | undefined;
}

interface Version {
  readonly numbers: readonly [major: number, minor: number, patch: number];
  /** Pre-release or build: compatible with nothing but itself. */
  readonly exact: boolean;
}

const VERSION = /^(\d+)\.(\d+)\.(\d+)(.*)$/;

function parse(name: string): InterfaceName {
  const at = name.indexOf('@');
  if (at === -1) {
    return { base: name, version: undefined };
  }
  const [, major, minor, patch, rest] = VERSION.exec(name.slice(at + 1)) ?? [];
  return {
    base: name.slice(0, at),
    version: { numbers: [Number(major), Number(minor), Number(patch)], exact: major === undefined || rest !== '' },
  };
}

function compatible(a: Version, b: Version): boolean {
  if (a.exact || b.exact) {
    return false;
  }
  const [[aMajor, aMinor, aPatch], [bMajor, bMinor, bPatch]] = [a.numbers, b.numbers];
  if (aMajor !== bMajor || aMajor > 0) {
    return aMajor === bMajor;
  }
  return aMinor === bMinor && (aMinor > 0 || aPatch === bPatch);
}

const newer = (a: Version, b: Version): boolean => {
  const first = a.numbers.findIndex((number, i) => number !== b.numbers[i]);
  return first !== -1 && Number(a.numbers[first]) > Number(b.numbers[first]);
};

/** The name among `available` that serves `wanted`: itself, else the newest compatible version. */
export function findCompatible(wanted: string, available: Iterable<string>): string | undefined {
  const { base, version } = parse(wanted);
  let best: { readonly name: string; readonly version: Version } | undefined;
  for (const name of available) {
    if (name === wanted) {
      return name;
    }
    const other = parse(name);
    if (other.base !== base || other.version === undefined || version === undefined) {
      continue;
    }
    if (compatible(version, other.version) && (best === undefined || newer(other.version, best.version))) {
      best = { name, version: other.version };
    }
  }
  return best?.name;
}

/** The newest version of the same interface among `available` that is compatible; else the name itself. */
export function newestCompatible(name: string, available: Iterable<string>): string {
  let newest = { name, ...parse(name) };
  for (const other of available) {
    const { base, version } = parse(other);
    if (base !== newest.base || version === undefined || newest.version === undefined) {
      continue;
    }
    if (compatible(version, newest.version) && newer(version, newest.version)) {
      newest = { name: other, base, version };
    }
  }
  return newest.name;
}

/** The versions of the same interface among `available`, compatible or not; for messages. */
export function versionsOf(wanted: string, available: Iterable<string>): readonly string[] {
  const { base } = parse(wanted);
  return [...available].filter((name) => parse(name).base === base);
}
