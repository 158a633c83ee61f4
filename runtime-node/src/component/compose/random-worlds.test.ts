// Components of random types, made by wasm-tools: what comes out of composition is valid to wasm-tools, and passes the
// types between the components that they had on their own.
import { componentWit } from '@bytecodealliance/jco';
import { assert, asyncProperty, boolean } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeComponent } from '../decode/index.ts';
import type { ComponentPlan, ImportedFunc, TypeRef } from '../plan.ts';
import { compose, ExportMismatch, type Plug } from './index.ts';
import { dummy } from './testing/dummy.ts';
import { mapParts } from './types.ts';
import { randomWorlds } from './testing/random-worlds.ts';

const RUNS = { numRuns: 40 };
const API = 'test:worlds/api@1.2.3';
const SECRET = 'test:worlds/secret@1.2.3';
const MORE = 'test:worlds/more@1.2.3';
const PLUGS: Plug[] = [API, MORE].map((name) => ({ import: name, dependency: 0, export: name }));

const isPlugged = (one: ImportedFunc): boolean => PLUGS.some((plug) => plug.import === one.interface);

/** With resources by name, so that types of different plans can be compared. */
function written(plan: ComponentPlan, ref: TypeRef | null): unknown {
  if (ref === null || typeof ref === 'string') {
    return ref;
  }
  const type = plan.types[ref];
  if (type === undefined) {
    throw new RangeError(`no type ${ref}`);
  }
  return type.kind === 'own' || type.kind === 'borrow'
    ? { kind: type.kind, resource: plan.resources[type.resource]?.name }
    : mapParts<TypeRef, unknown>(type, (part) => written(plan, part));
}

function signature(plan: ComponentPlan, index: number): string {
  const func = plan.funcTypes[index];
  const params = func?.params.map(({ name, type }) => [name, written(plan, type)]);
  return JSON.stringify([params, written(plan, func?.result ?? null)]);
}

const importsOf = (plan: ComponentPlan, of: (one: ImportedFunc) => boolean): string[] =>
  plan.imports.filter(of).map((one) => `${one.interface} ${one.name} ${signature(plan, one.type)}`);

const signatures = (plan: ComponentPlan, of: (one: ImportedFunc) => boolean): string[] =>
  plan.imports.filter(of).map(({ type }) => signature(plan, type));

/** Of the functions that one component calls in another. */
const between = (plan: ComponentPlan): string[] =>
  plan.trampolines.flatMap((trampoline) =>
    trampoline.kind === 'lower' && trampoline.target.from === 'lift' ? signature(plan, trampoline.type) : [],
  );

describe('two components of random types, composed', () => {
  it('are valid, import what both import, and pass the types that they had', async () => {
    await assert(
      asyncProperty(randomWorlds, boolean(), async ({ wit }, isDenied) => {
        const [root, dependency] = [await dummy(wit, 'root'), await dummy(wit, 'dependency')];
        const bytes = compose(
          root,
          [{ name: 'd', bytes: dependency, deny: (name) => isDenied && name === SECRET }],
          PLUGS,
        );
        await componentWit(bytes);
        const plan = decodeComponent(bytes);
        const alone = { root: decodeComponent(root), dependency: decodeComponent(dependency) };
        const isInner = (one: ImportedFunc): boolean => isDenied && one.interface === SECRET;
        expect(importsOf(plan, () => true).toSorted()).toEqual(
          [
            ...new Set([
              ...importsOf(alone.root, (one) => !isPlugged(one)),
              ...importsOf(alone.dependency, (one) => !isInner(one)),
            ]),
          ].toSorted(),
        );
        expect(between(plan).toSorted()).toEqual(
          [...signatures(alone.root, isPlugged), ...signatures(alone.dependency, isInner)].toSorted(),
        );
      }),
      RUNS,
    );
  });

  it('are refused where one field differs, by its name', async () => {
    await assert(
      asyncProperty(randomWorlds, async ({ wit, changed }) => {
        const [root, dependency] = [await dummy(wit, 'root'), await dummy(changed, 'dependency')];
        const composing = (): unknown => compose(root, [{ name: 'd', bytes: dependency, deny: () => false }], PLUGS);
        expect(composing).toThrow(ExportMismatch);
        expect(composing).toThrow(/type "probed", field "x".* is s32 where u32 is asked for$/);
      }),
      { numRuns: 10 },
    );
  });
});
