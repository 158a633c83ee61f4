// metadata/spin-template.toml: what a template is called, which values it asks for, and what it makes. The format is
// Spin's, version "1", so that templates written for Spin work here; docs/reference/templates.md describes it.
import { readToml, type DocumentNode, type DocumentTable } from '@spindle/api';

export interface TemplateMetadata {
  readonly id: string;
  readonly description: string;
  /** In lower case. */
  readonly tags: readonly string[];
  /** Absent: cannot make an application. */
  readonly newApplication?: TemplateVariant;
  /** Absent: cannot add a component. */
  readonly addComponent?: TemplateVariant;
  /** In the order in which they are asked for. */
  readonly parameters: readonly TemplateParameter[];
  /** Folders to make beside the files, as templates of a path. */
  readonly folders: readonly ExtraFolder[];
}

export interface TemplateVariant {
  /** Relative to the folder `content`. */
  readonly skipFiles: readonly string[];
  readonly skipParameters: readonly string[];
  /** Kind to the file in `metadata/snippets`. */
  readonly snippets: ReadonlyMap<string, string>;
  readonly conditions: readonly TemplateCondition[];
  /** Puts files beside the manifest in place of a folder of the component's own. */
  readonly intoRoot: boolean;
}

/** Leaves things out when the application's manifest already has an entry. */
export interface TemplateCondition {
  /** Dotted path in spin.toml. */
  readonly manifestEntry: string;
  readonly skipFiles: readonly string[];
  readonly skipParameters: readonly string[];
  readonly skipSnippets: readonly string[];
}

export interface TemplateParameter {
  readonly name: string;
  readonly prompt: string;
  readonly default?: string;
  readonly pattern?: RegExp;
  readonly allowed?: readonly string[];
}

export interface ExtraFolder {
  readonly path: string;
  readonly at: 'component' | 'manifest';
}

/** Snippets that `add` knows what to do with. */
const SNIPPETS = ['component', 'application_trigger', 'variables'];

/** `file` is for messages only. */
export function parseMetadata(text: string, file: string): TemplateMetadata {
  const table = readToml(text, file, 'SPK5010').table([
    'manifest_version',
    'id',
    'description',
    'trigger_type',
    'tags',
    'new_application',
    'add_component',
    'parameters',
    'outputs',
    'custom_filters',
  ]);
  const version = table.required('manifest_version');
  if (version.string() !== '1') {
    throw version.contentError(`invalid template version: ${JSON.stringify(version.value)}`, {
      remedy: 'Write `manifest_version = "1"`.',
    });
  }
  const filters = table.get('custom_filters');
  if (filters !== undefined) {
    throw filters.contentError('custom filters are not supported', {
      blame: 'key',
      remedy: 'Use the filters that every template has; Spin dropped custom filters too.',
    });
  }
  const newApplication = variant(table.get('new_application'), true);
  const addComponent = variant(table.get('add_component'), false);
  return {
    id: templateId(table.required('id')),
    description: table.get('description')?.string() ?? '',
    tags: (table.get('tags')?.strings() ?? []).map((tag) => tag.toLowerCase()),
    ...(newApplication === undefined ? {} : { newApplication }),
    ...(addComponent === undefined ? {} : { addComponent }),
    parameters: entries(table.get('parameters')).map(([name, node]) => parameter(name, node)),
    folders: entries(table.get('outputs')).map(([, node]) => extraFolder(node)),
  };
}

/** It names a folder below the store of templates, and stands in the lines that are shown. */
function templateId(node: DocumentNode): string {
  const id = node.string();
  if (!/^[\w.-]+$/.test(id)) {
    throw node.contentError(`invalid template id: ${JSON.stringify(id)}`, {
      remedy: 'Use letters, digits, "-", "_" and ".".',
    });
  }
  return id;
}

const entries = (node: DocumentNode | undefined): [string, DocumentNode][] => node?.table().entries() ?? [];

const strings = (table: DocumentTable, name: string): string[] => table.get(name)?.strings() ?? [];

function variant(node: DocumentNode | undefined, byDefault: boolean): TemplateVariant | undefined {
  const table = node?.table(['supported', 'skip_files', 'skip_parameters', 'snippets', 'conditions', 'copy_into']);
  const supported = table === undefined ? byDefault : (table.get('supported')?.boolean() ?? true);
  if (!supported) {
    return undefined;
  }
  const into = table?.get('copy_into');
  if (into !== undefined && !['root', 'subfolder'].includes(into.string())) {
    throw into.contentError(`unknown place ${JSON.stringify(into.value)}`, { remedy: 'Write "root" or "subfolder".' });
  }
  return {
    skipFiles: table === undefined ? [] : strings(table, 'skip_files'),
    skipParameters: table === undefined ? [] : strings(table, 'skip_parameters'),
    snippets: snippets(table?.get('snippets')),
    conditions: entries(table?.get('conditions')).map(([, one]) => condition(one)),
    intoRoot: into?.value === 'root',
  };
}

function snippets(node: DocumentNode | undefined): ReadonlyMap<string, string> {
  for (const [name, file] of entries(node)) {
    if (!SNIPPETS.includes(name)) {
      throw file.contentError(`unknown snippet ${JSON.stringify(name)}`, {
        blame: 'key',
        remedy: `Use ${SNIPPETS.join(', ')}.`,
      });
    }
  }
  return node?.stringMap() ?? new Map();
}

function condition(node: DocumentNode): TemplateCondition {
  const table = node.table(['condition', 'skip_files', 'skip_parameters', 'skip_snippets']);
  const wanted = table.required('condition').table(['manifest_entry_exists']);
  return {
    manifestEntry: wanted.required('manifest_entry_exists').string(),
    skipFiles: strings(table, 'skip_files'),
    skipParameters: strings(table, 'skip_parameters'),
    skipSnippets: strings(table, 'skip_snippets'),
  };
}

function parameter(name: string, node: DocumentNode): TemplateParameter {
  const table = node.table(['type', 'prompt', 'default', 'pattern', 'allowed_values']);
  const type = table.required('type');
  if (type.string() !== 'string') {
    throw type.contentError(`unknown type ${JSON.stringify(type.value)}`, { remedy: 'Write `type = "string"`.' });
  }
  const fallback = table.get('default')?.string();
  const pattern = table.get('pattern');
  const allowed = table.get('allowed_values')?.strings();
  return {
    name,
    prompt: table.required('prompt').string(),
    ...(fallback === undefined ? {} : { default: fallback }),
    ...(pattern === undefined ? {} : { pattern: regularExpression(pattern) }),
    ...(allowed === undefined ? {} : { allowed }),
  };
}

function regularExpression(node: DocumentNode): RegExp {
  try {
    return new RegExp(node.string(), 'u');
  } catch (cause) {
    throw node.contentError(`invalid pattern ${JSON.stringify(node.value)}`, {
      remedy: 'Write a regular expression.',
      cause,
    });
  }
}

function extraFolder(node: DocumentNode): ExtraFolder {
  const table = node.table(['action', 'path', 'at']);
  const action = table.required('action');
  if (action.string() !== 'create_dir') {
    throw action.contentError(`unknown action ${JSON.stringify(action.value)}`, {
      remedy: 'Write `action = "create_dir"`.',
    });
  }
  const at = table.get('at')?.string();
  return { path: table.required('path').string(), at: at === 'manifest' ? 'manifest' : 'component' };
}
