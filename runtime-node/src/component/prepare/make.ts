// What is prepared of a component once for every process. A module of its own, and loaded only where there is nothing in
// the cache: decoding and rewriting are a third of the runtime's code.
import { toComponent } from '../adapt/index.ts';
import { decodeComponent } from '../decode/index.ts';
import type { ComponentPlan } from '../plan.ts';
import type { ModuleFacts } from '../rewrite/index.ts';
import { rewriteModules, type RewriteModulesOptions } from './rewrite-modules.ts';

export interface Made {
  readonly plan: ComponentPlan;
  readonly facts: readonly ModuleFacts[];
  /** Rewritten, and found valid. */
  readonly modules: readonly Uint8Array<ArrayBuffer>[];
}

export async function makeComponent(bytes: Uint8Array, options: RewriteModulesOptions): Promise<Made> {
  const place = options.file === undefined ? {} : { file: options.file };
  const component = await toComponent(bytes, place);
  const plan = decodeComponent(component, place);
  const rewritten = rewriteModules(component, plan.modules, options);
  return { plan, facts: rewritten.map(({ facts }) => facts), modules: rewritten.map((module) => module.bytes) };
}
