// What is prepared of a component once for every process. A module of its own, and loaded only where there is nothing in
// the cache: decoding and rewriting are a third of the runtime's code.
import { toComponent } from '../adapt/index.ts';
import { decodeComponent } from '../decode/index.ts';
import type { ComponentPlan } from '../plan.ts';
import type { Parts } from './entry.ts';
import { KnownCode, type RunnableModule } from './known-code.ts';
import { rewriteModules, type RewriteModulesOptions } from './rewrite-modules.ts';

export interface Made {
  readonly plan: ComponentPlan;
  readonly modules: readonly RunnableModule[];
}

export interface MadeAnew extends Made {
  /** Code that other components may have too, by the names of its entries. */
  readonly code: ReadonlyMap<string, Parts>;
}

/** `folder`: where the code of earlier components is. */
export async function makeComponent(
  bytes: Uint8Array,
  options: RewriteModulesOptions,
  folder: string | undefined,
): Promise<MadeAnew> {
  const place = options.file === undefined ? {} : { file: options.file };
  const component = await toComponent(bytes, place);
  const plan = decodeComponent(component, place);
  const known = new KnownCode(folder);
  const modules = rewriteModules(component, plan.modules, options, known);
  return { plan, modules, code: known.made };
}
