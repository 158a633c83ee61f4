// Canonical definitions: a lift makes a component function of a core one, all others make core functions, which are
// the plan's trampolines. Checks what the canonical ABI demands of options (CanonicalABI.md "canon lift", "canon
// lower"), so that linking can rely on it.
import { MAX_FLAT_PARAMS, MAX_FLAT_RESULTS } from '../../abi/core-types.ts';
import type { CanonicalOptions, CoreRef } from '../../plan.ts';
import { malformed } from '../binary/error.ts';
import type { Canon, CanonOptions, CoreSort } from '../binary/syntax.ts';
import type { PlanBuilder } from './plan-builder.ts';
import { funcTypeAt, resourceAt } from './evaluate-types.ts';
import { at, type Scope } from './scope.ts';

/** `instance` is the component instance that the definition stands in. */
export function resolveCanon(plan: PlanBuilder, scope: Scope, instance: number, canon: Canon, offset: number): void {
  if (canon.kind === 'lift') {
    const type = funcTypeAt(scope, canon.type, offset);
    const options = resolveOptions(plan, scope, canon.options, offset);
    checkOptions(plan, canon.kind, type, options, offset);
    const core = coreAt(scope, 'func', canon.func, offset);
    const lift = plan.addLift({ core, type, options, instance }, offset);
    scope.funcs.push({ sort: 'func', type, source: { from: 'lift', lift } });
  } else if (canon.kind === 'lower') {
    const func = at(scope.funcs, canon.func, 'function', offset);
    const options = resolveOptions(plan, scope, canon.options, offset);
    checkOptions(plan, canon.kind, func.type, options, offset);
    const target = plan.target(func, offset);
    addCoreFunc(scope, plan.addTrampoline({ kind: 'lower', target, type: func.type, options, instance }, offset));
  } else {
    const resource = resourceAt(scope, canon.type, offset);
    const definition = plan.resource(resource);
    const own = definition?.origin === 'guest' && definition.instance === instance;
    if (!own && canon.kind !== 'resource.drop') {
      throw malformed(`\`${canon.kind}\` of a resource that is defined elsewhere`, offset);
    }
    addCoreFunc(scope, plan.addTrampoline({ kind: canon.kind, resource, instance }, offset));
  }
}

const addCoreFunc = (scope: Scope, ref: CoreRef): void => {
  scope.core.func.push({ sort: 'func', ref });
};

const coreAt = (scope: Scope, sort: CoreSort, index: number, offset: number): CoreRef =>
  at(scope.core[sort], index, `core ${sort}`, offset).ref;

function resolveOptions(plan: PlanBuilder, scope: Scope, options: CanonOptions, offset: number): CanonicalOptions {
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

function checkOptions(
  plan: PlanBuilder,
  kind: 'lift' | 'lower',
  type: number,
  options: CanonicalOptions,
  offset: number,
): void {
  const func = plan.table.func(type);
  const params = plan.table.measureAll(func.params.map((param) => param.type));
  const result = plan.table.measureAll(func.result === null ? [] : [func.result]);
  const spilled = params.flat > MAX_FLAT_PARAMS;
  // Whoever receives values in memory has to make room for them: a lifted function its parameters, the caller of a
  // lowered one its result.
  const needsRealloc = kind === 'lift' ? params.pointers || spilled : result.pointers;
  const needsMemory = params.pointers || spilled || result.pointers || result.flat > MAX_FLAT_RESULTS;
  if (needsMemory && options.memory === null) {
    throw malformed(`\`${kind}\` of a function that passes values through memory, without the option memory`, offset);
  }
  if (needsRealloc && options.realloc === null) {
    throw malformed(`\`${kind}\` of a function that needs room in memory, without the option realloc`, offset);
  }
  if (options.realloc !== null && options.memory === null) {
    throw malformed('the canonical option realloc without memory', offset);
  }
  if (kind === 'lower' && options.postReturn !== null) {
    throw malformed('the canonical option post-return in a `lower`', offset);
  }
}
