// Component types as trees, for tests that make up types: a tree is turned into a plan's type list when it is used.
import type { CompositeType, PrimitiveType, TypeRef } from '../../plan.ts';

export type TypeTree =
  | PrimitiveType
  | { readonly kind: 'record'; readonly fields: readonly { readonly name: string; readonly type: TypeTree }[] }
  | { readonly kind: 'variant'; readonly cases: readonly { readonly name: string; readonly type: TypeTree | null }[] }
  | { readonly kind: 'list'; readonly element: TypeTree }
  | { readonly kind: 'tuple'; readonly elements: readonly TypeTree[] }
  | { readonly kind: 'flags'; readonly names: readonly string[] }
  | { readonly kind: 'enum'; readonly names: readonly string[] }
  | { readonly kind: 'option'; readonly some: TypeTree }
  | { readonly kind: 'result'; readonly ok: TypeTree | null; readonly err: TypeTree | null };

/** Adds the tree's types to `types` and gives the reference to its root. */
export function addTree(types: CompositeType[], tree: TypeTree): TypeRef {
  if (typeof tree === 'string') {
    return tree;
  }
  return types.push(composite(types, tree)) - 1;
}

function composite(types: CompositeType[], tree: Exclude<TypeTree, PrimitiveType>): CompositeType {
  const optional = (part: TypeTree | null): TypeRef | null => (part === null ? null : addTree(types, part));
  switch (tree.kind) {
    case 'record':
      return { ...tree, fields: tree.fields.map(({ name, type }) => ({ name, type: addTree(types, type) })) };
    case 'variant':
      return { ...tree, cases: tree.cases.map(({ name, type }) => ({ name, type: optional(type) })) };
    case 'list':
      return { ...tree, element: addTree(types, tree.element) };
    case 'tuple':
      return { ...tree, elements: tree.elements.map((element) => addTree(types, element)) };
    case 'option':
      return { ...tree, some: addTree(types, tree.some) };
    case 'result':
      return { ...tree, ok: optional(tree.ok), err: optional(tree.err) };
    case 'flags':
    case 'enum':
      return tree;
  }
}
