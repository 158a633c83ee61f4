// Reads spin.toml, version 1 or 2, into an AppManifest. Pure: files that it names are the loader's business. Whatever
// is wrong is a UserError with line, field and remedy (spin-contract.md §1).
import type { DocumentNode, DocumentPath } from '../document/document-node.ts';
import { readToml } from '../toml/toml-document.ts';
import { checkTrigger, checkTriggerGlobals } from './check-trigger.ts';
import { findDependencyFault } from './dependency-rules.ts';
import type { ManifestDraft } from './draft.ts';
import { normalize, type NormalTrigger } from './normalize.ts';
import type { AppManifest, TriggerManifest } from './types.ts';
import { readVersion1 } from './version1.ts';
import { readVersion2 } from './version2.ts';

export interface ParsedManifest {
  readonly manifest: AppManifest;
  /** Things the user should know but that do not stop the app. */
  readonly warnings: readonly string[];
}

/** `file` is for messages only. */
export function parseManifest(text: string, file: string): ParsedManifest {
  const root = readToml(text, file, 'SPK1001');
  const warnings: string[] = [];
  const warn = (warning: string): void => {
    warnings.push(warning);
  };
  const writtenVersion = readVersion(root);
  const draft = writtenVersion === 1 ? readVersion1(root, warn) : readVersion2(root, warn);
  return { manifest: finish(draft, { root, writtenVersion, warn }), warnings };
}

function readVersion(root: DocumentNode): 1 | 2 {
  const table = root.table();
  const version = table.get('spin_manifest_version') ?? table.get('spin_version');
  const value = version?.value;
  if (version === undefined) {
    throw root.schemaError('missing field `spin_manifest_version`', {
      remedy: 'Begin the manifest with `spin_manifest_version = 2`.',
    });
  }
  if (value === '1') {
    return 1;
  }
  // Version 1 was written as a string, and only version 1 knows `spin_version`.
  if (value === 2n && table.get('spin_manifest_version') !== undefined) {
    return 2;
  }
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  throw version.contentError(`invalid manifest version: ${shown}`, {
    remedy: 'Write `spin_manifest_version = 2`, or "1" for an old manifest.',
  });
}

interface Finishing {
  readonly root: DocumentNode;
  readonly writtenVersion: 1 | 2;
  readonly warn: (warning: string) => void;
}

function finish(draft: ManifestDraft, { root, writtenVersion, warn }: Finishing): AppManifest {
  for (const [type, node] of draft.globalTriggers) {
    checkTriggerGlobals(type, node, { warn, isVersion1: writtenVersion === 1 });
  }
  const { triggers, components } = normalize(draft.triggers, draft.components);
  for (const trigger of triggers) {
    checkReferences(trigger, components);
    checkTrigger(trigger, { warn, application: draft.application });
  }
  const fault = findDependencyFault(components);
  if (fault !== undefined) {
    const path: DocumentPath = ['component', fault.componentId, 'dependencies', fault.name];
    throw root.document.contentError(fault.message, path, { blame: 'key', remedy: fault.remedy });
  }
  return {
    writtenVersion,
    application: draft.application,
    variables: draft.variables,
    triggers: triggers.map(toTriggerManifest),
    components,
  };
}

function checkReferences({ draft, component, components }: NormalTrigger, known: AppManifest['components']): void {
  const unknown = (id: string, path: DocumentPath): void => {
    if (!known.has(id)) {
      throw draft.node.document.contentError(`no such component ${JSON.stringify(id)}`, path, {
        remedy: `Add [component.${id}], or correct the name.`,
      });
    }
  };
  const { path } = draft.node;
  if (component !== undefined) {
    unknown(component, draft.component?.kind === 'reference' ? draft.component.node.path : path);
  }
  for (const [role, ids] of components) {
    ids.forEach((id) => unknown(id, [...path, 'components', role]));
  }
  for (const [role, dependencies] of draft.dependencies) {
    for (const [index, { from }] of dependencies.entries()) {
      if (from.kind === 'component') {
        unknown(from.component, [...path, 'dependencies', role, index]);
      }
    }
  }
}

function toTriggerManifest({ draft, id, component, components }: NormalTrigger): TriggerManifest {
  return {
    id,
    type: draft.type,
    ...(component !== undefined && { component }),
    components,
    dependencies: draft.dependencies,
    config: draft.config,
  };
}
