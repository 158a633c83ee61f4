// What both manifest versions are read into, before the parts are fitted together.
import type { DocumentNode } from '../document/document-node.ts';
import type { ComponentBody } from './component.ts';
import type { TriggerDraft } from './trigger-draft.ts';
import type { ApplicationDetails, VariableManifest } from './types.ts';

export interface ManifestDraft {
  readonly application: ApplicationDetails;
  /** Where each trigger type's global configuration stands. */
  readonly globalTriggers: ReadonlyMap<string, DocumentNode>;
  readonly variables: ReadonlyMap<string, VariableManifest>;
  readonly triggers: readonly TriggerDraft[];
  readonly components: ReadonlyMap<string, ComponentBody>;
}
