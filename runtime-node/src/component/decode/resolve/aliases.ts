// Aliases give an existing definition another index: nothing of them is left in the plan.
import { malformed } from '../binary/error.ts';
import type { Alias, CoreSort } from '../binary/syntax.ts';
import { SORT_NAMES, type CoreInstanceItem, type CoreItem } from './definitions.ts';
import type { PlanBuilder } from './plan-builder.ts';
import { at, type Scope } from './scope.ts';

export function resolveAlias(plan: PlanBuilder, scope: Scope, alias: Alias, offset: number): void {
  switch (alias.of) {
    case 'instance': {
      const instance = at(scope.instances, alias.instance, 'instance', offset);
      const item = instance.exports.get(alias.name);
      if (item?.sort !== alias.sort) {
        throw malformed(`instance ${alias.instance} exports no ${SORT_NAMES[alias.sort]} "${alias.name}"`, offset);
      }
      scope.add(item);
      return;
    }
    case 'core-instance': {
      const instance = at(scope.coreInstances, alias.instance, 'core instance', offset);
      scope.core[alias.sort].push(coreExport(plan, instance, alias.name, alias.sort, offset));
      return;
    }
    case 'outer':
      resolveOuter(scope, alias, offset);
  }
}

function resolveOuter(scope: Scope, alias: Extract<Alias, { of: 'outer' }>, offset: number): void {
  const visible = scope.outward(alias.count, offset);
  const outer = visible.scope;
  switch (alias.sort) {
    case 'core-type':
      if (alias.index >= visible.coreTypes) {
        throw malformed(`there is no core type ${alias.index} ${alias.count} scopes out`, offset);
      }
      scope.coreTypes += 1;
      return;
    case 'type':
      scope.types.push(at(outer.types, alias.index, 'outer type', offset, visible.types));
      return;
    case 'module':
      scope.modules.push(at(outer.modules, alias.index, 'outer core module', offset, visible.modules));
      return;
    case 'component':
      scope.components.push(at(outer.components, alias.index, 'outer component', offset, visible.components));
  }
}

/** An export of a core instance, which must be there and of this sort. */
export function coreExport(
  plan: PlanBuilder,
  instance: CoreInstanceItem,
  name: string,
  sort: CoreSort,
  offset: number,
): CoreItem {
  if (instance.kind === 'named') {
    const item = instance.exports.get(name);
    if (item?.sort !== sort) {
      throw malformed(`a core instance made from exports has no ${sort} "${name}"`, offset);
    }
    return item;
  }
  if (plan.coreModule(instance.module, offset).exports.get(name) !== sort) {
    throw malformed(`core module ${instance.module} exports no ${sort} "${name}"`, offset);
  }
  return { sort, ref: { from: 'instance', instance: instance.instance, name } };
}
