// Names of component dependencies: `foo-bar`, or `ns:pkg[/interface][@version]` (spin-contract.md §1.6).
import { kebabIdProblem } from '../identifiers.ts';
import { compatibilityClass, parseVersion } from '../semver/version.ts';
import { packageNameProblem } from './content.ts';
import type { DependencyName } from './types.ts';

export type ParsedName = DependencyName | { readonly kind: 'invalid'; readonly problem: string };

export function parseDependencyName(text: string): ParsedName {
  if (!/[:/]/.test(text)) {
    const problem = kebabIdProblem(text);
    return problem === undefined ? { kind: 'plain', text } : { kind: 'invalid', problem };
  }
  const [name = '', ...versions] = text.split('@');
  const [packageName = '', ...interfaces] = name.split('/');
  const version = versions.length === 0 ? undefined : versions.join('@');
  const interfaceName = interfaces.length === 0 ? undefined : interfaces.join('/');
  const problem =
    packageNameProblem(packageName) ??
    (interfaceName === undefined ? undefined : kebabIdProblem(interfaceName)) ??
    (version !== undefined && parseVersion(version) === undefined
      ? `invalid semantic version ${JSON.stringify(version)}`
      : undefined);
  if (problem !== undefined) {
    return { kind: 'invalid', problem };
  }
  return {
    kind: 'package',
    text,
    package: packageName,
    ...(interfaceName !== undefined && { interface: interfaceName }),
    ...(version !== undefined && { version }),
  };
}

/** Two dependencies must not both be able to satisfy one import: interfaces or incompatible versions tell them apart. */
export function namesConflict(one: DependencyName, other: DependencyName): boolean {
  if (one.kind === 'plain' || other.kind === 'plain' || one.package !== other.package) {
    return false;
  }
  const versions = [one.version, other.version].map((text) => text && parseVersion(text));
  const [first, second] = versions.map((version) => version && compatibilityClass(version));
  if (first && second && first !== second) {
    return false;
  }
  return one.interface === undefined || other.interface === undefined || one.interface === other.interface;
}
