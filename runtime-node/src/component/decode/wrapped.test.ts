// A real guest as a component within another that hands its own imports on, as composition tools make them: every
// import is checked against a type of WASI, and the plan must be that of the guest alone, one component instance in.
import { print } from '@bytecodealliance/jco';
import { describe, expect, it } from 'vitest';
import { fixture } from '../../../../test/guests/fixtures.ts';
import type { ComponentPlan } from '../plan.ts';
import { decodeComponent } from './index.ts';
import { planOf } from './testing/wat.ts';

async function wrapped(bytes: Uint8Array): Promise<string> {
  const text = await print(bytes);
  const body = text.slice(text.indexOf('\n') + 1);
  // Types, imports and the aliases between them stand before the first core module.
  const imports = body.slice(0, body.indexOf('  (core module '));
  const { importedInterfaces, exports } = decodeComponent(bytes);
  const args = importedInterfaces.map((name) => `(with "${name}" (instance $${name}))`);
  const passed = Object.keys(exports).map((name) => `(export "${name}" (instance $wrapped "${name}"))`);
  return `(component ${imports} (component $guest
    ${body} (instance $wrapped (instantiate $guest ${args.join('\n')})) ${passed.join('\n')})`;
}

/** Without what wrapping and assembling again change: where modules stand, and how many handle tables there are. */
const comparable = (plan: ComponentPlan, tables: number): unknown => ({
  ...plan,
  modules: plan.modules.length,
  instanceCount: plan.instanceCount - tables,
  lifts: plan.lifts.map((lift) => ({ ...lift, instance: lift.instance - tables })),
  trampolines: plan.trampolines.map((trampoline) => ({ ...trampoline, instance: trampoline.instance - tables })),
});

describe('a guest within another component', () => {
  it.each(['rhello', 'rfanout', 'rfiles', 'shello', 'skv'])('has the plan of the guest alone: %s', async (name) => {
    const bytes = await fixture(name);
    const plan = await planOf(await wrapped(bytes));
    expect(comparable(plan, 1)).toEqual(comparable(decodeComponent(bytes), 0));
  });

  it('is refused when a type of what it is handed differs', async () => {
    const text = await wrapped(await fixture('rhello'));
    // The first time is in the outer component, the second in the guest.
    const changed = text.replace('"last-operation-failed"', '"last-operation-fail"');
    await expect(planOf(changed)).rejects.toThrow('is another type than is asked for');
  });
});
