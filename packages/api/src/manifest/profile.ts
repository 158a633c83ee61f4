// Build profiles: overrides of single fields, chosen by name (spin-contract.md §1.3).
import { UserError } from '../errors.ts';
import { findDependencyFault } from './dependency-rules.ts';
import type { AppManifest, BuildManifest, ComponentManifest, ComponentProfile } from './types.ts';

/** Throws a UserError when no component knows the profile. */
export function applyProfile(manifest: AppManifest, name: string): AppManifest {
  const all = [...manifest.components.values()];
  if (!all.some((component) => component.profiles.has(name))) {
    const known = new Set(all.flatMap((component) => [...component.profiles.keys()]));
    throw new UserError(`Profile ${name} is not defined in this application`, {
      code: 'SPK1003',
      field: '--profile',
      remedy:
        known.size === 0
          ? 'The application defines no profiles: leave --profile out.'
          : `Choose one of ${[...known].join(', ')}.`,
    });
  }
  const components = new Map(all.map((component) => [component.id, override(component, component.profiles.get(name))]));
  const fault = findDependencyFault(components);
  if (fault !== undefined) {
    const field = `component.${fault.componentId}.profile.${name}.dependencies`;
    throw new UserError(fault.message, { code: 'SPK1001', field, remedy: fault.remedy });
  }
  return { ...manifest, components, profile: name };
}

function override(component: ComponentManifest, profile: ComponentProfile | undefined): ComponentManifest {
  if (profile === undefined) {
    return component;
  }
  return {
    ...component,
    source: profile.source ?? component.source,
    environment: new Map([...component.environment, ...profile.environment]),
    dependencies: new Map([...component.dependencies, ...profile.dependencies]),
    ...(profile.buildCommand !== undefined && { build: buildWith(profile.buildCommand, component.build) }),
  };
}

function buildWith(command: string | readonly string[], build: BuildManifest | undefined): BuildManifest {
  return { watch: [], ...build, command };
}
