// A manifest as the text of version 2, for upgrades. Pure.
import type {
  AppManifest,
  ComponentManifest,
  FilesEntry,
  TomlValue,
  TriggerManifest,
  VariableManifest,
} from '@spindle/api';

export function version2Text({ application, variables, triggers, components }: AppManifest): string {
  const head = fields({
    name: application.name,
    version: application.version,
    description: application.description,
    authors: application.authors,
  });
  // `base` was taken into the routes, or had no effect.
  const globals = [...application.trigger]
    .map(([type, { base: _base, ...table }]) => [type, table] as const)
    .filter(([, table]) => Object.keys(table).length > 0);
  return `${[
    'spin_manifest_version = 2',
    `[application]\n${head}`,
    ...globals.map(([type, table]) => `[application.trigger.${type}]\n${fields(table)}`),
    variables.size === 0 ? '' : `[variables]\n${[...variables].map(variableLine).join('\n')}`,
    ...triggers.map(triggerTable),
    ...[...components.values()].map(componentTable),
  ]
    .filter((part) => part !== '')
    .join('\n\n')}\n`;
}

const variableLine = ([name, variable]: [string, VariableManifest]): string =>
  `${name} = ${toml({
    ...(variable.description === undefined ? {} : { description: variable.description }),
    ...(variable.default === undefined ? { required: true } : { default: variable.default }),
    ...(variable.secret ? { secret: true } : {}),
  })}`;

function triggerTable({ type, component, config }: TriggerManifest): string {
  return `[[trigger.${type}]]\n${fields({ ...(component === undefined ? {} : { component }), ...config })}`;
}

function componentTable(component: ComponentManifest): string {
  const { id, source, build } = component;
  const main = fields({
    description: component.description,
    source:
      source.kind === 'local'
        ? source.path
        : { url: 'url' in source ? source.url : '', digest: 'digest' in source ? source.digest : '' },
    files: component.files.map(filesEntry),
    exclude_files: component.excludeFiles,
    allowed_outbound_hosts: component.allowedOutboundHosts,
    key_value_stores: component.keyValueStores,
    sqlite_databases: component.sqliteDatabases,
    ai_models: component.aiModels,
    environment: Object.fromEntries(component.environment),
    variables: Object.fromEntries(component.variables),
  });
  const built =
    build === undefined
      ? ''
      : `\n[component.${id}.build]\n${fields({
          command: build.command,
          ...(build.workdir === undefined ? {} : { workdir: build.workdir }),
          watch: build.watch,
        })}`;
  return `[component.${id}]\n${main}${built}`;
}

const filesEntry = (entry: FilesEntry): TomlValue =>
  entry.kind === 'pattern' ? entry.pattern : { source: entry.source, destination: entry.destination };

/** What is empty is what it would be anyway. */
function fields(table: Readonly<Record<string, TomlValue>>): string {
  return Object.entries(table)
    .filter(([, value]) => value !== '' && (typeof value !== 'object' || Object.keys(value).length > 0))
    .map(([name, value]) => `${key(name)} = ${toml(value)}`)
    .join('\n');
}

const key = (name: string): string => (/^[\w-]+$/.test(name) ? name : JSON.stringify(name));

function toml(value: TomlValue): string {
  if (typeof value === 'object') {
    return Array.isArray(value)
      ? `[${value.map(toml).join(', ')}]`
      : `{ ${Object.entries(value)
          .map(([name, one]) => `${key(name)} = ${toml(one)}`)
          .join(', ')} }`;
  }
  // Strings of JSON are strings of TOML; the one control character that JSON does not escape is DEL.
  return typeof value === 'string' ? JSON.stringify(value).replaceAll('\u007F', '\\u007F') : String(value);
}
