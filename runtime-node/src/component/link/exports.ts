// The functions that the root component exports, by interface and name.
import type { HostFunction } from '../host-interface.ts';
import type { ResolvedFunction } from './resolve.ts';
import type { PlanExport } from '../plan.ts';
import { functionName, type CompiledPlan } from './compile.ts';
import { callLifted, callLiftedSuspending, isAsync, type LiftedFunction } from './lift.ts';
import type { Store } from './store.ts';
import { startTask, type Outcome } from './task.ts';
import { refusePromise } from './trampoline.ts';

export interface ExportedFunction {
  /** For messages. */
  readonly name: string;
  call(store: Store, args: readonly unknown[]): unknown;
  callSuspending(store: Store, args: readonly unknown[]): Promise<unknown>;
  /** Of an asynchronous function, in place of the others: may go on when it has given its result. */
  readonly start?: (store: Store, args: readonly unknown[], settle: (outcome: Outcome) => void) => void;
}

export type ExportTable = ReadonlyMap<string, ReadonlyMap<string, ExportedFunction>>;

/** Functions of exported instances under the instance's name, root functions under ''. */
export function compileExports(compiled: CompiledPlan<never>): ExportTable {
  const table = new Map<string, Map<string, ExportedFunction>>();
  const add = (interfaceName: string, name: string, item: PlanExport): void => {
    if (item.kind === 'instance') {
      // WIT has no interfaces within interfaces: only what stands directly in an exported instance can be named.
      return;
    }
    const functions = table.get(interfaceName) ?? new Map<string, ExportedFunction>();
    functions.set(name, exportedFunction(compiled, functionName({ interface: interfaceName, name, type: 0 }), item));
    table.set(interfaceName, functions);
  };
  for (const [name, item] of Object.entries(compiled.plan.exports)) {
    if (item.kind === 'func') {
      add('', name, item);
      continue;
    }
    for (const [member, inner] of Object.entries(item.exports)) {
      add(name, member, inner);
    }
  }
  return table;
}

function exportedFunction(
  compiled: CompiledPlan<never>,
  name: string,
  { target }: Extract<PlanExport, { kind: 'func' }>,
): ExportedFunction {
  return target.from === 'lift'
    ? liftedExport(name, compiled.lifts[target.lift] as LiftedFunction)
    : reexportedImport(name, (compiled.imports.get(target.import) as ResolvedFunction<never>).host);
}

function liftedExport(name: string, lifted: LiftedFunction): ExportedFunction {
  if (isAsync(lifted)) {
    return {
      name,
      call: (store) => {
        throw refusePromise(store, Promise.resolve(), name, true);
      },
      callSuspending: async () => {
        throw new Error('an asynchronous function is started');
      },
      start: (store, args, settle) => {
        startTask(store, lifted, args, settle);
      },
    };
  }
  return {
    name,
    call: (store, args) => callLifted(store, lifted, args),
    // A stack of its own costs several microseconds: only for what may need it.
    callSuspending: lifted.waits
      ? (store, args) => callLiftedSuspending(store, lifted, args)
      : async (store, args) => callLifted(store, lifted, args),
  };
}

/** A component may export what it imports: the call goes to the host and back without any guest. */
function reexportedImport(name: string, host: HostFunction<never>): ExportedFunction {
  const call = host.call as (guest: unknown, ...args: readonly unknown[]) => unknown;
  return {
    name,
    call(store, args) {
      const result = call(store.guest, ...args);
      if (result instanceof Promise) {
        throw refusePromise(store, result, name, host.waits);
      }
      return result;
    },
    callSuspending: async (store, args) => call(store.guest, ...args),
  };
}
