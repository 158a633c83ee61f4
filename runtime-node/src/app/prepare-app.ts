// Prepares the components that triggers name; what comes out is plain data and compiled modules, which threads can share.
import { UserError, type LockedApp, type LockedComponent } from '@spindle/api';
import { prepareComponent, type PreparedComponent } from '../component/index.ts';
import { compositionOf, hasDependencies, refuseOtherRoles } from './dependencies/index.ts';
import { localPath } from './local-path.ts';

export interface PrepareAppOptions {
  /** Where prepared components are cached, shared by processes; nothing is cached without it. */
  readonly cacheDir?: string;
  /** For components whose time is limited. */
  readonly timeChecks?: boolean;
  /** As PrepareOptions of a component has it. */
  readonly later?: (write: () => Promise<void>) => void;
}

/** By component id. */
export async function prepareApp(
  locked: LockedApp,
  options: PrepareAppOptions = {},
): Promise<ReadonlyMap<string, PreparedComponent>> {
  const components = triggeredComponents(locked);
  refuseOtherRoles(locked.triggers, components);
  const prepared = await Promise.all(components.map((component) => prepareOne(component, options)));
  return new Map(components.map(({ id }, index) => [id, prepared[index] as PreparedComponent]));
}

/** The components that triggers name, each once, in the order of the locked app. */
export function triggeredComponents(locked: LockedApp): LockedComponent[] {
  const wanted = new Set(
    locked.triggers.flatMap(({ trigger_config: { component } }) => (typeof component === 'string' ? [component] : [])),
  );
  for (const id of wanted) {
    if (!locked.components.some((component) => component.id === id)) {
      throw new UserError(`no such component "${id}"`, {
        code: 'SPK4020',
        field: 'trigger',
        remedy: `Name one of the app's components: ${locked.components.map((component) => component.id).join(', ') || 'there are none'}.`,
      });
    }
  }
  return locked.components.filter(({ id }) => wanted.has(id));
}

async function prepareOne(component: LockedComponent, options: PrepareAppOptions): Promise<PreparedComponent> {
  const { id, source } = component;
  if (hasDependencies(component)) {
    return prepareComponent(compositionOf(component), { ...options, name: `component ${id} with its dependencies` });
  }
  return prepareComponent({ path: localPath(source.source, `component.${id}.source`), digest: source.digest }, options);
}
