// Makes a locked app out of a manifest (spin-contract.md §2.1). Pure: where the content is, the caller says.
import type {
  ComponentSource,
  ContentPath,
  LockedApp,
  LockedComponent,
  LockedComponentMetadata,
  LockedDependency,
  LockedMetadata,
  LockedTrigger,
  LockedVariable,
} from '../locked-app/types.ts';
import { isForServiceChaining, parseAllowedHost } from '../outbound-hosts/allowed-host.ts';
import { parseTemplate, templateVariables } from '../variables/template.ts';
import { assignTriggerDependencies } from './trigger-dependencies.ts';
import type { AppManifest, ComponentManifest, Inheritance, TriggerManifest, VariableManifest } from './types.ts';

export interface LockOptions {
  /** `file://…/spin.toml`. */
  readonly origin: string;
  readonly content: (componentId: string) => ComponentContents;
  /** The dependencies of a trigger by role, each in the order of the manifest; asked for triggers that have some. */
  readonly triggerContent: (triggerId: string) => ReadonlyMap<string, readonly ComponentSource[]>;
}

export interface ComponentContents {
  readonly source: ComponentSource;
  readonly files: readonly ContentPath[];
  /** By the dependency's name. */
  readonly dependencies: ReadonlyMap<string, ComponentSource>;
}

export function lockApp(manifest: AppManifest, options: LockOptions): LockedApp {
  const { triggers, components } = assignTriggerDependencies(
    manifest.triggers.map((trigger) => lockTrigger(trigger, options)),
    [...manifest.components.values()].map((component) => lockComponent(component, options.content(component.id))),
  );
  const isDemanding = components.some((component) => component.host_requirements !== undefined);
  return {
    // A reader of version 0 need not know `must_understand`.
    spin_lock_version: isDemanding ? 1 : 0,
    ...(isDemanding && { must_understand: ['component_host_requirements'] }),
    metadata: lockMetadata(manifest, options.origin),
    ...withEntries('variables', mapValues(manifest.variables, lockVariable)),
    triggers,
    components,
  };
}

function lockMetadata({ application, triggers, profile }: AppManifest, origin: string): LockedMetadata {
  const [type, ...otherTypes] = new Set(triggers.map((trigger) => trigger.type));
  const single = type !== undefined && otherTypes.length === 0 ? type : undefined;
  return {
    ...withItems('authors', application.authors),
    ...withText('description', application.description),
    ...withText('name', application.name),
    origin,
    ...(profile !== undefined && { profile }),
    ...(single !== undefined && { trigger: { ...application.trigger.get(single), type: single } }),
    triggers: Object.fromEntries(application.trigger),
    ...withText('version', application.version),
  };
}

function lockVariable({ description, default: value, secret }: VariableManifest): LockedVariable {
  return {
    ...(description !== undefined && { description }),
    ...(value !== undefined && { default: value }),
    ...(secret && { secret }),
  };
}

function lockTrigger(trigger: TriggerManifest, { triggerContent }: LockOptions): LockedTrigger {
  const { id, type, component, components, dependencies, config } = trigger;
  const sources = dependencies.size > 0 ? triggerContent(id) : undefined;
  return {
    id,
    trigger_type: type,
    trigger_config: {
      ...config,
      ...(component !== undefined && { component }),
      ...withEntries(
        'components',
        mapValues(components, (ids) => [...ids]),
      ),
    },
    ...withEntries(
      'trigger_dependencies',
      mapValues(dependencies, (list, role) =>
        list.map(({ inherit }, index) =>
          lockDependency(given(sources?.get(role)?.[index], `${role} ${index} of trigger ${id}`), undefined, inherit),
        ),
      ),
    ),
  };
}

/** A dependency that is left out would go unnoticed until the app runs without it. */
function given<T>(content: T | undefined, what: string): T {
  if (content === undefined) {
    throw new Error(`no content was given for ${what}`);
  }
  return content;
}

function lockDependency(
  source: ComponentSource,
  exportName: string | undefined,
  inherit: Inheritance,
): LockedDependency {
  return {
    source,
    export: exportName ?? null,
    ...(inherit === 'all' ? { inherit: 'All' } : inherit.length > 0 && { inherit: { Some: [...inherit] } }),
  };
}

function lockComponent(
  component: ComponentManifest,
  { source, files, dependencies }: ComponentContents,
): LockedComponent {
  const lockedDependencies = mapValues(component.dependencies, (dependency, name) => {
    const content = given(dependencies.get(name), `dependency ${name} of component ${component.id}`);
    return lockDependency(content, dependency.export, dependency.inherit);
  });
  const metadata = lockComponentMetadata(component);
  return {
    id: component.id,
    ...(Object.keys(metadata).length > 0 && { metadata }),
    source,
    ...withEntries('env', component.environment),
    ...withItems('files', files),
    ...withEntries('config', component.variables),
    ...withEntries('dependencies', lockedDependencies),
    ...(component.allowedOutboundHosts.some(needsServiceChaining) && {
      host_requirements: { local_service_chaining: 'required' },
    }),
  };
}

function lockComponentMetadata(component: ComponentManifest): LockedComponentMetadata {
  const { build } = component;
  return {
    ...withItems('ai_models', component.aiModels),
    ...withItems('allowed_outbound_hosts', component.allowedOutboundHosts),
    ...(build !== undefined && {
      build: {
        command: build.command,
        ...withItems('watch', build.watch),
        ...(build.workdir !== undefined && { workdir: build.workdir }),
      },
    }),
    ...withItems('databases', component.sqliteDatabases),
    ...withText('description', component.description),
    ...withItems('key_value_stores', component.keyValueStores),
  };
}

/** A template is not known yet, and so demands nothing; as in Spin. */
function needsServiceChaining(entry: string): boolean {
  return templateVariables(parseTemplate(entry)).length === 0 && isForServiceChaining(parseAllowedHost(entry));
}

/** What is empty is left out of a locked app. */
function withText<K extends string>(key: K, text: string): { [P in K]?: string } {
  return text === '' ? {} : ({ [key]: text } as { [P in K]?: string });
}

function withItems<K extends string, T>(key: K, items: readonly T[]): { [P in K]?: T[] } {
  return items.length === 0 ? {} : ({ [key]: [...items] } as { [P in K]?: T[] });
}

function withEntries<K extends string, T>(key: K, map: ReadonlyMap<string, T>): { [P in K]?: Record<string, T> } {
  return map.size === 0 ? {} : ({ [key]: Object.fromEntries(map) } as { [P in K]?: Record<string, T> });
}

function mapValues<T, R>(map: ReadonlyMap<string, T>, change: (value: T, key: string) => R): ReadonlyMap<string, R> {
  return new Map([...map].map(([key, value]) => [key, change(value, key)]));
}
