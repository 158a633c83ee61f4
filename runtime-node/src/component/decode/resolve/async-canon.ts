// The built-ins of asynchronous components: tasks, subtasks, waitable sets, streams and futures. Each makes a core
// function, which is a trampoline of the plan (CanonicalABI.md "canon task.return" and those that follow).
import { MAX_FLAT_PARAMS } from '../../abi/core-types.ts';
import type { AsyncBuiltin, CanonicalOptions, ChannelCopy, TypeRef } from '../../plan.ts';
import { malformed } from '../binary/error.ts';
import type { Canon, CanonOptions } from '../binary/syntax.ts';
import { addCoreFunc, checkMemory, coreAt, resolveOptions } from './canon-options.ts';
import { valueAt } from './evaluate-types.ts';
import type { PlanBuilder } from './plan-builder.ts';
import type { Scope } from './scope.ts';

type AsyncCanon = Extract<Canon, { kind: AsyncBuiltin['kind'] }>;

export function resolveAsyncBuiltin(
  plan: PlanBuilder,
  scope: Scope,
  instance: number,
  canon: AsyncCanon,
  offset: number,
): void {
  addCoreFunc(scope, plan.addTrampoline({ instance, ...builtin(plan, scope, canon, offset) }, offset));
}

function builtin(plan: PlanBuilder, scope: Scope, canon: AsyncCanon, offset: number): AsyncBuiltin {
  switch (canon.kind) {
    case 'task.return': {
      const result = canon.result === null ? null : value(scope, canon.result, offset);
      const options = builtinOptions(plan, scope, canon.options, offset);
      const { flat, pointers } = plan.table.measureAll(result === null ? [] : [result]);
      checkMemory(canon.kind, options, offset, { memory: pointers || flat > MAX_FLAT_PARAMS, realloc: false });
      return { kind: canon.kind, result, options };
    }
    case 'waitable-set.wait':
    case 'waitable-set.poll':
      return { ...canon, memory: coreAt(scope, 'memory', canon.memory, offset) };
    case 'stream.read':
    case 'stream.write':
    case 'future.read':
    case 'future.write':
      return copy(plan, scope, canon.kind, canon, offset);
    case 'stream.new':
    case 'stream.drop-readable':
    case 'stream.drop-writable':
    case 'stream.cancel-read':
    case 'stream.cancel-write':
    case 'future.new':
    case 'future.drop-readable':
    case 'future.drop-writable':
    case 'future.cancel-read':
    case 'future.cancel-write':
      return { kind: canon.kind, type: channelAt(plan, scope, canon.kind, canon.type, offset).type };
    default:
      return canon;
  }
}

function copy(
  plan: PlanBuilder,
  scope: Scope,
  kind: ChannelCopy,
  canon: { readonly type: number; readonly options: CanonOptions },
  offset: number,
): AsyncBuiltin {
  const { type, element } = channelAt(plan, scope, kind, canon.type, offset);
  const options = builtinOptions(plan, scope, canon.options, offset);
  const { pointers } = plan.table.measureAll(element === null ? [] : [element]);
  checkMemory(kind, options, offset, {
    memory: element !== null,
    realloc: pointers && kind.endsWith('.read'),
  });
  return { kind, type, options, ...(canon.options.async ? {} : { sync: true }) };
}

function builtinOptions(plan: PlanBuilder, scope: Scope, options: CanonOptions, offset: number): CanonicalOptions {
  if (options.callback !== null || options.postReturn !== null) {
    throw malformed('the canonical option callback or post-return in a built-in', offset);
  }
  return resolveOptions(plan, scope, options, offset);
}

const value = (scope: Scope, ref: TypeRef, offset: number): TypeRef =>
  typeof ref === 'number' ? valueAt(scope, ref, offset) : ref;

/** The stream or future type that a built-in is of. */
function channelAt(
  plan: PlanBuilder,
  scope: Scope,
  kind: AsyncBuiltin['kind'],
  index: number,
  offset: number,
): { readonly type: number; readonly element: TypeRef | null } {
  const wanted = kind.startsWith('stream.') ? 'stream' : 'future';
  const ref = valueAt(scope, index, offset);
  const type = typeof ref === 'number' ? plan.table.types[ref] : undefined;
  if (typeof ref !== 'number' || type?.kind !== wanted) {
    throw malformed(`\`${kind}\` of a type that is no ${wanted}`, offset);
  }
  return { type: ref, element: type.element };
}
