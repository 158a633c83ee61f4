// Canonical definitions: a lift makes a component function of a core one, all others make core functions, which are
// the plan's trampolines. Checks what the canonical ABI demands of options (CanonicalABI.md "canon lift", "canon
// lower"), so that linking can rely on it. Built-ins of asynchronous components: async-canon.ts.
import { MAX_FLAT_ASYNC_PARAMS, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS } from '../../abi/core-types.ts';
import type { CanonicalOptions, CoreRef, Lift } from '../../plan.ts';
import { malformed, unsupported } from '../binary/error.ts';
import type { Canon, CanonOptions } from '../binary/syntax.ts';
import { resolveAsyncBuiltin } from './async-canon.ts';
import { addCoreFunc, checkMemory, coreAt, resolveOptions } from './canon-options.ts';
import type { PlanBuilder } from './plan-builder.ts';
import { funcTypeAt, resourceAt } from './evaluate-types.ts';
import { at, type Scope } from './scope.ts';

/** `instance` is the component instance that the definition stands in. */
export function resolveCanon(plan: PlanBuilder, scope: Scope, instance: number, canon: Canon, offset: number): void {
  switch (canon.kind) {
    case 'lift': {
      const type = funcTypeAt(scope, canon.type, offset);
      const options = resolveOptions(plan, scope, canon.options, offset);
      checkAsync(plan, type, canon.options, offset);
      const callback = resolveCallback(scope, canon.options, offset);
      checkLift(plan, type, options, callback !== undefined, offset);
      const core = coreAt(scope, 'func', canon.func, offset);
      const lift: Lift = { core, type, options, instance, ...(callback === undefined ? {} : { callback }) };
      scope.funcs.push({ sort: 'func', type, source: { from: 'lift', lift: plan.addLift(lift, offset) } });
      break;
    }
    case 'lower': {
      const func = at(scope.funcs, canon.func, 'function', offset);
      const options = resolveOptions(plan, scope, canon.options, offset);
      checkAsync(plan, func.type, canon.options, offset);
      checkLower(plan, func.type, options, canon.options, offset);
      const target = plan.target(func, offset);
      const lower = { kind: 'lower', target, type: func.type, options, instance } as const;
      addCoreFunc(scope, plan.addTrampoline(canon.options.async ? { ...lower, async: true } : lower, offset));
      break;
    }
    case 'resource.new':
    case 'resource.rep':
    case 'resource.drop': {
      const resource = resourceAt(scope, canon.type, offset);
      const definition = plan.resource(resource);
      const own = definition?.origin === 'guest' && definition.instance === instance;
      if (!own && canon.kind !== 'resource.drop') {
        throw malformed(`\`${canon.kind}\` of a resource that is defined elsewhere`, offset);
      }
      addCoreFunc(scope, plan.addTrampoline({ kind: canon.kind, resource, instance }, offset));
      break;
    }
    default:
      resolveAsyncBuiltin(plan, scope, instance, canon, offset);
  }
}

function checkAsync(plan: PlanBuilder, type: number, { async }: CanonOptions, offset: number): void {
  if (async && plan.table.func(type).async !== true) {
    throw malformed('the canonical option `async` for a function that is not `async`', offset);
  }
}

function resolveCallback(scope: Scope, { async, callback }: CanonOptions, offset: number): CoreRef | undefined {
  if (callback !== null) {
    if (!async) {
      throw malformed('the canonical option callback without async', offset);
    }
    return coreAt(scope, 'func', callback, offset);
  }
  if (async) {
    throw unsupported(
      'an `async` lift without callback',
      offset,
      'Build the component with callbacks, as all tools do unless asked not to.',
    );
  }
  return undefined;
}

/** Whoever receives values in memory has to make room for them: a lifted function its parameters. */
function checkLift(plan: PlanBuilder, type: number, options: CanonicalOptions, async: boolean, offset: number): void {
  const func = plan.table.func(type);
  const params = plan.table.measureAll(func.params.map((param) => param.type));
  const result = plan.table.measureAll(func.result === null || async ? [] : [func.result]);
  const spilled = params.flat > MAX_FLAT_PARAMS;
  checkMemory('lift', options, offset, {
    memory: params.pointers || spilled || result.pointers || result.flat > MAX_FLAT_RESULTS,
    realloc: params.pointers || spilled,
  });
}

/** The caller of a lowered function makes room for its result. */
function checkLower(
  plan: PlanBuilder,
  type: number,
  options: CanonicalOptions,
  { async, callback }: CanonOptions,
  offset: number,
): void {
  const func = plan.table.func(type);
  const params = plan.table.measureAll(func.params.map((param) => param.type));
  const result = plan.table.measureAll(func.result === null ? [] : [func.result]);
  const spilled = params.flat > (async ? MAX_FLAT_ASYNC_PARAMS : MAX_FLAT_PARAMS);
  const resultInMemory = async ? func.result !== null : result.flat > MAX_FLAT_RESULTS;
  checkMemory('lower', options, offset, {
    memory: params.pointers || spilled || result.pointers || resultInMemory,
    realloc: result.pointers,
  });
  if (options.postReturn !== null) {
    throw malformed('the canonical option post-return in a `lower`', offset);
  }
  if (callback !== null) {
    throw malformed('the canonical option callback in a `lower`', offset);
  }
}
