// Version 2 manifests (spin-contract.md §1.3).
import type { DocumentNode } from '../document/document-node.ts';
import { kebabIdProblem } from '../identifiers.ts';
import { readApplication, readVariables } from './application.ts';
import { readComponent } from './component.ts';
import type { ManifestDraft } from './draft.ts';
import { readTriggers } from './trigger-draft.ts';

const MANIFEST_FIELDS = ['spin_manifest_version', 'application', 'variables', 'trigger', 'component'];

export function readVersion2(root: DocumentNode, warn: (warning: string) => void): ManifestDraft {
  const table = root.table(MANIFEST_FIELDS);
  const applicationNode = table.required('application');
  const application = readApplication(applicationNode);
  const variables = readVariables(table.get('variables'));
  const context = { variables, warn };
  const triggers = readTriggers(table.required('trigger'), context);
  const components = table.get('component')?.table().entries() ?? [];
  return {
    application,
    globalTriggers: new Map(applicationNode.table().get('trigger')?.table().entries()),
    variables,
    triggers,
    components: new Map(components.map(([id, node]) => [readId(id, node), readComponent(node, context)])),
  };
}

function readId(id: string, node: DocumentNode): string {
  const problem = kebabIdProblem(id);
  if (problem !== undefined) {
    throw node.schemaError(problem, {
      blame: 'key',
      remedy: 'Component ids are kebab-case, such as my-component.',
    });
  }
  return id;
}
