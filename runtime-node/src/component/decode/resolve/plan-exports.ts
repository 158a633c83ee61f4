// The exports of the outermost component as the plan gives them: functions, and instances of functions. Types were
// for checking, and core modules or components that it hands out nobody here could use, so neither is listed.
import type { PlanExport } from '../../plan.ts';
import { tooLarge } from '../binary/error.ts';
import { MAX_DEPTH } from '../binary/limits.ts';
import type { Item } from './definitions.ts';
import type { PlanBuilder } from './plan-builder.ts';

export function planExports(
  plan: PlanBuilder,
  items: ReadonlyMap<string, Item>,
  offset: number,
  depth = 0,
): Readonly<Record<string, PlanExport>> {
  if (depth > MAX_DEPTH) {
    throw tooLarge('instances within each other', MAX_DEPTH, offset);
  }
  const exports: [string, PlanExport][] = [];
  for (const [name, item] of items) {
    plan.spendName(name, offset);
    if (item.sort === 'func') {
      exports.push([name, { kind: 'func', target: plan.target(item, offset), type: item.type }]);
    } else if (item.sort === 'instance') {
      exports.push([name, { kind: 'instance', exports: planExports(plan, item.exports, offset, depth + 1) }]);
    }
  }
  return Object.fromEntries(exports);
}
