// From the bytes of a component to its plan: `binary/` reads what is written, `resolve/` elaborates the whole graph of
// instantiations from the outermost component. Pure; throws UserError for anything that is wrong with the bytes.
import { UserError } from '@spindle/api';
import type { ComponentPlan } from '../plan.ts';
import { readBinary } from './binary/component.ts';
import { DecodeError } from './binary/error.ts';
import { instantiate } from './resolve/instantiate.ts';
import { PlanBuilder } from './resolve/plan-builder.ts';
import { planExports } from './resolve/plan-exports.ts';
import { hostSupply } from './resolve/supply.ts';

export interface DecodeOptions {
  /** Where the bytes came from, for messages. */
  readonly file?: string;
}

export function decodeComponent(bytes: Uint8Array, options: DecodeOptions = {}): ComponentPlan {
  try {
    return elaborate(bytes);
  } catch (error) {
    if (!(error instanceof DecodeError)) {
      throw error;
    }
    const { message, offset, remedy } = error;
    throw new UserError(message, { code: 'SPK4010', ...options, field: `byte ${offset}`, remedy, cause: error });
  }
}

function elaborate(bytes: Uint8Array): ComponentPlan {
  const { root, modules } = readBinary(bytes);
  const plan = new PlanBuilder(bytes, modules);
  const instance = instantiate(
    plan,
    { definitions: root.definitions, outer: null },
    // Under a name of its own, an import may stand for an interface; the interface is what a host knows.
    ({ name, implements: standsFor }) => hostSupply(plan, { name, interface: standsFor ?? name }),
    0,
  );
  return plan.finish(planExports(plan, instance.exports, bytes.length));
}
