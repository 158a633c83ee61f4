// Types of what a component imports, with their names kept: an import may only speak of types that have one. Nodes are a
// graph without indices, so that they can be written into any index space.
import type { PrimitiveType } from '../plan.ts';

/** A type's outermost constructor over parts of any kind; the plan's composite types are those over indices. */
export type Composite<Part> =
  | { readonly kind: 'record'; readonly fields: readonly { readonly name: string; readonly type: Part }[] }
  | { readonly kind: 'variant'; readonly cases: readonly { readonly name: string; readonly type: Part | null }[] }
  | { readonly kind: 'list'; readonly element: Part }
  | { readonly kind: 'tuple'; readonly elements: readonly Part[] }
  | { readonly kind: 'flags'; readonly names: readonly string[] }
  | { readonly kind: 'enum'; readonly names: readonly string[] }
  | { readonly kind: 'option'; readonly some: Part }
  | { readonly kind: 'result'; readonly ok: Part | null; readonly err: Part | null }
  | { readonly kind: 'own'; readonly resource: Part }
  | { readonly kind: 'borrow'; readonly resource: Part }
  | { readonly kind: 'stream'; readonly element: Part | null }
  | { readonly kind: 'future'; readonly element: Part | null };

export type TypeNode = PrimitiveType | CompositeNode | NamedType;

export interface CompositeNode {
  readonly kind: 'composite';
  readonly type: Composite<TypeNode>;
}

/** A type under the name that an import has given it. */
export interface NamedType {
  readonly kind: 'named';
  /** Name of the imported interface that it belongs to; '' for one imported at the root. */
  readonly home: string;
  readonly name: string;
  /** What it stands for; null for a resource that is this one and no other. */
  readonly bound: TypeNode | null;
}

export interface FuncNode {
  readonly kind: 'func';
  readonly async: boolean;
  readonly params: readonly { readonly name: string; readonly type: TypeNode }[];
  readonly result: TypeNode | null;
}

/** By name, in the order of declaration, which is that of need. */
export type Members = ReadonlyMap<string, NamedType | FuncNode>;

export type ImportType = FuncNode | NamedType | { readonly kind: 'instance'; readonly members: Members };

export interface Import {
  readonly name: string;
  /** The interface that an import under a name of its own stands for. */
  readonly implements: string | null;
  readonly type: ImportType;
}

export function mapParts<From, To>(type: Composite<From>, part: (from: From) => To): Composite<To> {
  const optional = (from: From | null): To | null => (from === null ? null : part(from));
  switch (type.kind) {
    case 'record':
      return { kind: 'record', fields: type.fields.map((one) => ({ name: one.name, type: part(one.type) })) };
    case 'variant':
      return { kind: 'variant', cases: type.cases.map((one) => ({ name: one.name, type: optional(one.type) })) };
    case 'list':
      return { kind: 'list', element: part(type.element) };
    case 'tuple':
      return { kind: 'tuple', elements: type.elements.map(part) };
    case 'option':
      return { kind: 'option', some: part(type.some) };
    case 'result':
      return { kind: 'result', ok: optional(type.ok), err: optional(type.err) };
    case 'own':
    case 'borrow':
      return { kind: type.kind, resource: part(type.resource) };
    case 'stream':
    case 'future':
      return { kind: type.kind, element: optional(type.element) };
    case 'flags':
    case 'enum':
      return type;
  }
}

export function partsOf<Part>(type: Composite<Part>): readonly Part[] {
  const parts: Part[] = [];
  mapParts(type, (part) => parts.push(part));
  return parts;
}

export const mapFunc = (func: FuncNode, part: (from: TypeNode) => TypeNode): FuncNode => ({
  kind: 'func',
  async: func.async,
  params: func.params.map(({ name, type }) => ({ name, type: part(type) })),
  result: func.result === null ? null : part(func.result),
});

/** The type behind its names: of a resource, the name under which it came into being. */
export function peel(node: TypeNode): TypeNode {
  let at = node;
  while (typeof at !== 'string' && at.kind === 'named' && at.bound !== null) {
    at = at.bound;
  }
  return at;
}

const NAMED_KINDS: readonly string[] = ['record', 'variant', 'enum', 'flags'];

/** Whether an import or export may speak of it only by a name (Explainer.md "import and export definitions"). */
export const needsName = (node: TypeNode): boolean =>
  typeof node !== 'string' && node.kind === 'composite' && NAMED_KINDS.includes(node.type.kind);

/** The types that a function speaks of. */
export const typesOf = ({ params, result }: FuncNode): readonly TypeNode[] => [
  ...params.map(({ type }) => type),
  ...(result === null ? [] : [result]),
];
