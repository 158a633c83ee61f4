// Arbitrary values of the types of a plan, as host-interface.ts has them.
import { string, type Arbitrary } from 'fast-check';
import {
  primitiveValues,
  valuesOf as valuesOfTree,
  type PrimitiveValues,
} from '../../runtime-node/src/component/abi/testing/arbitrary-type.ts';
import type { TypeTree } from '../../runtime-node/src/component/abi/testing/type-tree.ts';
import type { ComponentPlan, TypeRef } from '../../runtime-node/src/component/index.ts';

/** jco reads the character of code 0 as an error. */
const PRIMITIVES: PrimitiveValues = {
  ...primitiveValues,
  char: string({ unit: 'grapheme', minLength: 1, maxLength: 1 }).map((text) =>
    String.fromCodePoint(text.codePointAt(0) ?? 97),
  ),
  string: string({ unit: 'grapheme' }),
};

export const valuesOf = (plan: ComponentPlan, ref: TypeRef): Arbitrary<unknown> =>
  valuesOfTree(treeOf(plan, ref), PRIMITIVES);

/** The type with what it refers to in place of the references. */
function treeOf(plan: ComponentPlan, ref: TypeRef): TypeTree {
  if (typeof ref === 'string') {
    return ref;
  }
  const of = (part: TypeRef): TypeTree => treeOf(plan, part);
  const maybe = (part: TypeRef | null): TypeTree | null => (part === null ? null : of(part));
  const type = plan.types[ref];
  switch (type?.kind) {
    case 'flags':
    case 'enum':
      return type;
    case 'record':
      return { kind: 'record', fields: type.fields.map((field) => ({ name: field.name, type: of(field.type) })) };
    case 'variant':
      return { kind: 'variant', cases: type.cases.map((each) => ({ name: each.name, type: maybe(each.type) })) };
    case 'tuple':
      return { kind: 'tuple', elements: type.elements.map(of) };
    case 'list':
      return { kind: 'list', element: of(type.element) };
    case 'option':
      return { kind: 'option', some: of(type.some) };
    case 'result':
      return { kind: 'result', ok: maybe(type.ok), err: maybe(type.err) };
    default:
      throw new Error(`no values of type ${type?.kind}`);
  }
}
