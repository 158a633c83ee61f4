// Reads a locked app out of its JSON (spin-contract.md §2.1). It may come from a registry: strict about what the
// runtime acts on, tolerant to fields of later versions, which are dropped outside of `metadata`.
import type { DocumentNode } from '../document/document-node.ts';
import { readJson } from '../document/json-document.ts';
import { readContent, readMount } from './parse-content.ts';
import type {
  ComponentSource,
  LockedApp,
  LockedComponent,
  LockedDependency,
  LockedMetadata,
  LockedTrigger,
  LockedVariable,
  MustUnderstand,
} from './types.ts';

const LAST_VERSION = 1;
const UNDERSTOOD: readonly MustUnderstand[] = ['host_requirements', 'component_host_requirements'];
const SUPPORTED_REQUIREMENTS = ['local_service_chaining', 'middleware'];
const UPDATE = 'Run the app with a newer version, or build it again for this one.';

/** `where` names the document in errors: a file, or a reference. */
export function parseLockedApp(text: string, where: string): LockedApp {
  const table = readJson(text, where, 'SPK1002').table();
  const version = readVersion(table.required('spin_lock_version'));
  const mustUnderstand = (table.get('must_understand')?.list() ?? []).map(readMustUnderstand);
  const metadata = table.get('metadata');
  const requirements = table.get('host_requirements');
  const variables = table.get('variables');
  return {
    spin_lock_version: version,
    ...(mustUnderstand.length > 0 && { must_understand: mustUnderstand }),
    ...(metadata !== undefined && { metadata: readMetadata(metadata) }),
    ...(requirements !== undefined && { host_requirements: readRequirements(requirements) }),
    ...(variables !== undefined && { variables: readRecord(variables, readVariable) }),
    triggers: table.required('triggers').list().map(readTrigger),
    components: unique(table.required('components').list()).map(readComponent),
  };
}

function readVersion(node: DocumentNode): 0 | 1 {
  const version = node.integer(0, Number.MAX_SAFE_INTEGER);
  if (version > LAST_VERSION) {
    throw node.contentError(`invalid version ${version} > ${LAST_VERSION}`, { remedy: UPDATE });
  }
  return version === 0 ? 0 : 1;
}

function readMustUnderstand(node: DocumentNode): MustUnderstand {
  const name = node.string();
  const known = UNDERSTOOD.find((one) => one === name);
  if (known === undefined) {
    const names = UNDERSTOOD.map((one) => `\`${one}\``).join(' or ');
    throw node.contentError(`unknown variant \`${name}\`, expected ${names}`, { remedy: UPDATE });
  }
  return known;
}

/** What is only optional is dropped; what is required and not known here stops the app. */
function readRequirements(node: DocumentNode): Record<string, unknown> {
  const required = node
    .table()
    .entries()
    .filter(([, requirement]) => requirement.value !== 'optional');
  const unsupported = required.flatMap(([name]) => (SUPPORTED_REQUIREMENTS.includes(name) ? [] : [name]));
  if (unsupported.length > 0) {
    throw node.contentError(
      'This version of Spin does not support the following features required by this application: ' +
        unsupported.join(', '),
      { remedy: UPDATE },
    );
  }
  return Object.fromEntries(required.map(([name, requirement]) => [name, requirement.value]));
}

function readMetadata(node: DocumentNode): LockedMetadata {
  const table = node.table();
  for (const name of ['name', 'version', 'description', 'origin', 'profile', 'oci_image_digest']) {
    table.get(name)?.string();
  }
  table.get('authors')?.strings();
  table.get('trigger')?.table().required('type').string();
  for (const [, trigger] of table.get('triggers')?.table().entries() ?? []) {
    trigger.table();
  }
  return Object.fromEntries(table.entries().map(([name, field]) => [name, field.value]));
}

function readVariable(node: DocumentNode): LockedVariable {
  const table = node.table();
  const description = table.get('description')?.string();
  const value = table.get('default')?.string();
  const secret = table.get('secret')?.boolean();
  return {
    ...(description !== undefined && { description }),
    ...(value !== undefined && { default: value }),
    ...(secret !== undefined && { secret }),
  };
}

function readTrigger(node: DocumentNode): LockedTrigger {
  const table = node.table();
  const dependencies = table.get('trigger_dependencies');
  return {
    id: table.required('id').string(),
    trigger_type: table.required('trigger_type').string(),
    trigger_config: readValues(table.required('trigger_config')),
    ...(dependencies !== undefined && { trigger_dependencies: readRecord(dependencies, readTriggerDependencies) }),
  };
}

function readTriggerDependencies(node: DocumentNode): LockedDependency[] {
  return node.list().map(readDependency);
}

function readComponent(node: DocumentNode): LockedComponent {
  const table = node.table();
  const metadata = table.get('metadata');
  const [env, config] = ['env', 'config'].map((name) => table.get(name));
  const files = table.get('files');
  const dependencies = table.get('dependencies');
  const triggerDependencies = table.get('trigger_dependencies');
  const requirements = table.get('host_requirements');
  return {
    id: table.required('id').string(),
    ...(metadata !== undefined && { metadata: readComponentMetadata(metadata) }),
    source: readSource(table.required('source')),
    ...(env !== undefined && { env: readRecord(env, readText) }),
    ...(files !== undefined && { files: files.list().map(readMount) }),
    ...(config !== undefined && { config: readRecord(config, readText) }),
    ...(dependencies !== undefined && { dependencies: readRecord(dependencies, readDependency) }),
    ...(triggerDependencies !== undefined && {
      trigger_dependencies: readRecord(triggerDependencies, readTriggerDependencies),
    }),
    ...(requirements !== undefined && { host_requirements: readRequirements(requirements) }),
  };
}

const readText = (node: DocumentNode): string => node.string();

function readComponentMetadata(node: DocumentNode): Record<string, unknown> {
  const table = node.table();
  table.get('description')?.string();
  for (const name of ['allowed_outbound_hosts', 'key_value_stores', 'databases', 'ai_models']) {
    table.get(name)?.strings();
  }
  table.get('build')?.table();
  table.get('resolve-trigger-dependencies-using')?.string();
  return readValues(node);
}

function readSource(node: DocumentNode): ComponentSource {
  return { content_type: node.table().required('content_type').string(), ...readContent(node) };
}

function readDependency(node: DocumentNode): LockedDependency {
  const table = node.table();
  const inherit = table.get('inherit');
  return {
    source: readSource(table.required('source')),
    export: table.get('export')?.string() ?? null,
    ...(inherit !== undefined && { inherit: readInheritance(inherit) }),
  };
}

function readInheritance(node: DocumentNode): 'All' | { Some: string[] } {
  return node.value === 'All' ? 'All' : { Some: node.table(['Some']).required('Some').strings() };
}

function readValues(node: DocumentNode): Record<string, unknown> {
  return Object.fromEntries(
    node
      .table()
      .entries()
      .map(([name, field]) => [name, field.value]),
  );
}

function readRecord<T>(node: DocumentNode, read: (value: DocumentNode) => T): Record<string, T> {
  return Object.fromEntries(
    node
      .table()
      .entries()
      .map(([name, value]) => [name, read(value)]),
  );
}

/** A component is found by its id; two of one id would make it a matter of luck which one runs. */
function unique(components: DocumentNode[]): DocumentNode[] {
  const seen = new Set<string>();
  for (const component of components) {
    const idNode = component.table().required('id');
    const id = idNode.string();
    if (seen.has(id)) {
      throw idNode.contentError(`duplicate component id ${JSON.stringify(id)}`, { remedy: 'Build the app again.' });
    }
    seen.add(id);
  }
  return components;
}
