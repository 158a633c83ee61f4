// Core instances: each instantiation becomes a step of the plan that names, for each import of the module, where it
// comes from. Core instances that only rename exports dissolve here.
import type { CoreRef } from '../../plan.ts';
import { malformed } from '../binary/error.ts';
import type { CoreArgument, CoreInlineExport } from '../binary/syntax.ts';
import { coreExport } from './aliases.ts';
import type { CoreInstanceItem, CoreItem } from './definitions.ts';
import type { PlanBuilder } from './plan-builder.ts';
import { at, type Scope } from './scope.ts';

export function nameCoreExports(
  plan: PlanBuilder,
  scope: Scope,
  exports: readonly CoreInlineExport[],
  offset: number,
): CoreInstanceItem {
  const named = new Map<string, CoreItem>();
  for (const { name, sort, index } of exports) {
    plan.step(offset);
    if (named.has(name)) {
      throw malformed(`a core instance with two exports "${name}"`, offset);
    }
    named.set(name, at(scope.core[sort], index, `core ${sort}`, offset));
  }
  return { kind: 'named', exports: named };
}

export function instantiateModule(
  plan: PlanBuilder,
  scope: Scope,
  moduleIndex: number,
  args: readonly CoreArgument[],
  offset: number,
): CoreInstanceItem {
  const { module } = at(scope.modules, moduleIndex, 'core module', offset);
  const given = new Map<string, CoreInstanceItem>();
  for (const { name, instance } of args) {
    plan.step(offset);
    if (given.has(name)) {
      throw malformed(`core module ${module} is given "${name}" twice`, offset);
    }
    given.set(name, at(scope.coreInstances, instance, 'core instance', offset));
  }
  const imports = new Map<string, Map<string, CoreRef>>();
  for (const { module: from, name, sort } of plan.coreModule(module, offset).imports) {
    const instance = given.get(from);
    if (instance === undefined) {
      throw malformed(`core module ${module} imports from "${from}" but is given nothing of that name`, offset);
    }
    const { ref } = coreExport(plan, instance, name, sort, offset);
    plan.spendName(name, offset);
    plan.spendRef(ref, offset);
    const fields = imports.get(from) ?? new Map<string, CoreRef>();
    imports.set(from, fields.set(name, ref));
  }
  const record = Object.fromEntries([...imports].map(([name, fields]) => [name, Object.fromEntries(fields)]));
  return { kind: 'made', module, instance: plan.addInstantiation({ module, imports: record }, offset) };
}
