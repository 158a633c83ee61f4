// Gives every trigger an id and every inline component a name of its own (spin-contract.md §1.5).
import { kebabIdProblem } from '../identifiers.ts';
import type { ComponentBody } from './component.ts';
import type { ComponentSpec, TriggerDraft } from './trigger-draft.ts';
import type { ComponentManifest } from './types.ts';

/** A draft whose component specs have become ids. */
export interface NormalTrigger {
  readonly draft: TriggerDraft;
  readonly id: string;
  readonly component: string | undefined;
  readonly components: ReadonlyMap<string, readonly string[]>;
}

export interface Normalized {
  readonly triggers: readonly NormalTrigger[];
  readonly components: ReadonlyMap<string, ComponentManifest>;
}

export function normalize(drafts: readonly TriggerDraft[], named: ReadonlyMap<string, ComponentBody>): Normalized {
  const components = new Map([...named].map(([id, body]) => [id, { id, ...body }]));
  const ids = triggerIds(drafts);
  const triggers = drafts.map((draft, index): NormalTrigger => {
    const id = ids[index] ?? '';
    const inlineIds = inlineComponentIds(draft, id, components);
    const idOf = (spec: ComponentSpec): string => {
      if (spec.kind === 'reference') {
        return spec.id;
      }
      const inlineId = inlineIds();
      components.set(inlineId, { id: inlineId, ...spec.body });
      return inlineId;
    };
    return {
      draft,
      id,
      component: draft.component && idOf(draft.component),
      components: new Map([...draft.components].map(([role, specs]) => [role, specs.map(idOf)])),
    };
  });
  return { triggers, components };
}

/** `<component>-<type>-trigger` when there is a named component and the id is free, else `<type>-trigger<N>`. */
function triggerIds(drafts: readonly TriggerDraft[]): string[] {
  const taken = new Set(drafts.flatMap(({ id }) => id ?? []));
  return drafts.map(({ id, type, component }) => {
    if (id !== undefined) {
      return id;
    }
    const natural = component?.kind === 'reference' ? `${component.id}-${type}-trigger` : undefined;
    const chosen = natural !== undefined && !taken.has(natural) ? natural : firstFree(`${type}-trigger`, taken);
    taken.add(chosen);
    return chosen;
  });
}

/** Names the inline components of one trigger, in order: `<trigger id>-component` when it has only one component. */
function inlineComponentIds(
  draft: TriggerDraft,
  triggerId: string,
  components: ReadonlyMap<string, unknown>,
): () => string {
  const specCount = [draft.component ?? [], ...draft.components.values()].flat().length;
  const natural = `${triggerId}-component`;
  const isNaturalUsable = specCount === 1 && kebabIdProblem(natural) === undefined && !components.has(natural);
  return () => (isNaturalUsable ? natural : firstFree('inline-component', components));
}

function firstFree(prefix: string, taken: { has(id: string): boolean }): string {
  let number = 1;
  while (taken.has(`${prefix}${number}`)) {
    number += 1;
  }
  return `${prefix}${number}`;
}
