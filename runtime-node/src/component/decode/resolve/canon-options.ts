// Canonical options of a definition, and what they must name for the values that pass through it.
import type { CanonicalOptions, CoreRef } from '../../plan.ts';
import { malformed } from '../binary/error.ts';
import type { CanonOptions, CoreSort } from '../binary/syntax.ts';
import type { PlanBuilder } from './plan-builder.ts';
import { at, type Scope } from './scope.ts';

export const addCoreFunc = (scope: Scope, ref: CoreRef): void => {
  scope.core.func.push({ sort: 'func', ref });
};

export const coreAt = (scope: Scope, sort: CoreSort, index: number, offset: number): CoreRef =>
  at(scope.core[sort], index, `core ${sort}`, offset).ref;

export function resolveOptions(
  plan: PlanBuilder,
  scope: Scope,
  options: CanonOptions,
  offset: number,
): CanonicalOptions {
  const optional = (sort: CoreSort, index: number | null): CoreRef | null => {
    const ref = index === null ? null : coreAt(scope, sort, index, offset);
    plan.spendRef(ref, offset);
    return ref;
  };
  return {
    encoding: options.encoding,
    memory: optional('memory', options.memory),
    realloc: optional('func', options.realloc),
    postReturn: optional('func', options.postReturn),
  };
}

/** `needs`: what the values that pass want of the options. */
export function checkMemory(
  what: string,
  options: CanonicalOptions,
  offset: number,
  needs: { readonly memory: boolean; readonly realloc: boolean },
): void {
  if (needs.memory && options.memory === null) {
    throw malformed(`\`${what}\` of a function that passes values through memory, without the option memory`, offset);
  }
  if (needs.realloc && options.realloc === null) {
    throw malformed(`\`${what}\` of a function that needs room in memory, without the option realloc`, offset);
  }
  if (options.realloc !== null && options.memory === null) {
    throw malformed('the canonical option realloc without memory', offset);
  }
}
