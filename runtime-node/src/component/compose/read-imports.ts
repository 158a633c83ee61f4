// The imports of one component with the types that they name. Walks all definitions of its outermost scope, so it does
// not matter where among them the imports stand; what could only come from an instantiation is opaque, and an import that
// needs it is refused.
import { malformed, tooLarge, unsupported } from '../decode/binary/error.ts';
import { Budget } from '../decode/binary/budget.ts';
import { MAX_DEPTH, MAX_STEPS } from '../decode/binary/limits.ts';
import type { Alias, Definition, ExternDesc, TypeSyntax } from '../decode/binary/syntax.ts';
import type { TypeRef } from '../plan.ts';
import {
  mapParts,
  partsOf,
  type CompositeNode,
  type FuncNode,
  type Import,
  type ImportType,
  type Members,
  type NamedType,
  type TypeNode,
} from './types.ts';

type InstanceSyntax = Extract<TypeSyntax, { kind: 'instance' }>;

type Entry =
  | { readonly kind: 'type'; readonly node: TypeNode }
  | FuncNode
  | { readonly kind: 'instance'; readonly syntax: InstanceSyntax; readonly scope: Scope }
  | { readonly kind: 'opaque' };

const OPAQUE: Entry = { kind: 'opaque' };

/** What reading may cost, and how deep types may be for those who walk them, names counted as levels. */
class Bounds {
  readonly #steps = new Budget('steps to read its imports', MAX_STEPS);
  readonly #known = new WeakMap<object, number>();

  /** For each declaration, as often as it is read: many imports may be of one type. */
  step(offset: number): void {
    this.#steps.spend(1, offset);
  }

  limit<Node extends CompositeNode | NamedType>(node: Node, offset: number): Node {
    const parts = node.kind === 'composite' ? partsOf(node.type) : [node.bound];
    const depth =
      1 + Math.max(0, ...parts.map((part) => (typeof part === 'object' && part ? (this.#known.get(part) ?? 0) : 0)));
    if (depth > MAX_DEPTH) {
      throw tooLarge('levels in one type', MAX_DEPTH, offset);
    }
    this.#known.set(node, depth);
    return node;
  }
}

class Scope {
  readonly outer: Scope | null;
  readonly bounds: Bounds;
  readonly types: Entry[] = [];
  /** Members of the instances; null where they are not known. */
  readonly instances: (Members | null)[] = [];

  constructor(outer: Scope | null) {
    this.outer = outer;
    this.bounds = outer?.bounds ?? new Bounds();
  }

  type(index: number, offset: number): Entry {
    return this.types[index] ?? missing(`type ${index}`, offset);
  }

  node(index: number, offset: number): TypeNode {
    const entry = this.type(index, offset);
    return entry.kind === 'type' ? entry.node : refuse(entry, `type ${index}`, offset);
  }

  alias(alias: Alias, offset: number): void {
    if (alias.of === 'outer') {
      if (alias.sort === 'type') {
        this.types.push(this.outward(alias.count, offset).type(alias.index, offset));
      }
    } else if (alias.of === 'instance') {
      const members = this.instances[alias.instance];
      const member = members?.get(alias.name);
      if (alias.sort === 'type') {
        this.types.push(member?.kind === 'named' ? { kind: 'type', node: member } : OPAQUE);
      } else if (alias.sort === 'instance') {
        this.instances.push(null);
      }
    }
  }

  outward(count: number, offset: number): Scope {
    if (count === 0) {
      return this;
    }
    return this.outer === null ? missing(`scope ${count} levels out`, offset) : this.outer.outward(count - 1, offset);
  }
}

export function readImports(definitions: readonly Definition[]): readonly Import[] {
  const scope = new Scope(null);
  const imports: Import[] = [];
  for (const definition of definitions) {
    const { offset } = definition;
    switch (definition.kind) {
      case 'type':
        scope.types.push(evaluate(scope, definition.type, offset));
        break;
      case 'alias':
        scope.alias(definition.alias, offset);
        break;
      case 'instantiate':
      case 'exports':
        scope.instances.push(null);
        break;
      case 'import': {
        const { name, implements: standsFor } = definition.name;
        const type = importType(scope, name, definition.desc, offset);
        imports.push({ name, implements: standsFor, type });
        if (type.kind === 'named') {
          scope.types.push({ kind: 'type', node: type });
        } else if (type.kind === 'instance') {
          scope.instances.push(type.members);
        }
        break;
      }
      case 'export':
        // An export is a definition too, with an index of its own.
        if (definition.item.sort === 'type') {
          scope.types.push(scope.types[definition.item.index] ?? OPAQUE);
        } else if (definition.item.sort === 'instance') {
          scope.instances.push(scope.instances[definition.item.index] ?? null);
        }
        break;
      default:
    }
  }
  return imports;
}

function evaluate(scope: Scope, syntax: TypeSyntax, offset: number): Entry {
  const part = (ref: TypeRef): TypeNode => (typeof ref === 'number' ? scope.node(ref, offset) : ref);
  // What is made of an opaque type is opaque too: the component's own, and no import's.
  if (refsOf(syntax).some((ref) => typeof ref === 'number' && scope.types[ref]?.kind === 'opaque')) {
    return OPAQUE;
  }
  switch (syntax.kind) {
    case 'value':
      if (typeof syntax.type === 'string') {
        return { kind: 'type', node: syntax.type };
      }
      return {
        kind: 'type',
        node: scope.bounds.limit({ kind: 'composite', type: mapParts(syntax.type, part) }, offset),
      };
    case 'func':
      return {
        kind: 'func',
        async: syntax.type.async === true,
        params: syntax.type.params.map(({ name, type }) => ({ name, type: part(type) })),
        result: syntax.type.result === null ? null : part(syntax.type.result),
      };
    case 'instance':
      return { kind: 'instance', syntax, scope };
    case 'resource':
    case 'component':
      return OPAQUE;
  }
}

function refsOf(syntax: TypeSyntax): readonly (TypeRef | null)[] {
  switch (syntax.kind) {
    case 'value':
      return typeof syntax.type === 'string' ? [] : partsOf<TypeRef | null>(syntax.type);
    case 'func':
      return [...syntax.type.params.map(({ type }) => type), syntax.type.result];
    default:
      return [];
  }
}

function importType(scope: Scope, name: string, desc: ExternDesc, offset: number): ImportType {
  if (desc.kind !== 'instance') {
    return memberType(scope, '', name, desc, offset);
  }
  const entry = scope.type(desc.type, offset);
  return entry.kind === 'instance'
    ? { kind: 'instance', members: readMembers(name, entry.syntax.declarations, new Scope(entry.scope)) }
    : refuse(entry, `the type of "${name}"`, offset);
}

function readMembers(home: string, declarations: readonly Definition[], scope: Scope): Members {
  const members = new Map<string, NamedType | FuncNode>();
  for (const declaration of declarations) {
    const { offset } = declaration;
    scope.bounds.step(offset);
    switch (declaration.kind) {
      case 'type':
        scope.types.push(evaluate(scope, declaration.type, offset));
        break;
      case 'alias':
        scope.alias(declaration.alias, offset);
        break;
      case 'declare-export': {
        const { name } = declaration;
        const member = memberType(scope, home, name, declaration.desc, offset);
        members.set(name, member);
        if (member.kind === 'named') {
          scope.types.push({ kind: 'type', node: member });
        }
        break;
      }
      default:
    }
  }
  return members;
}

function memberType(scope: Scope, home: string, name: string, desc: ExternDesc, offset: number): NamedType | FuncNode {
  switch (desc.kind) {
    case 'func': {
      const entry = scope.type(desc.type, offset);
      return entry.kind === 'func' ? entry : refuse(entry, `the type of "${name}"`, offset);
    }
    case 'type-resource':
      return { kind: 'named', home, name, bound: null };
    case 'type-equal':
      return scope.bounds.limit({ kind: 'named', home, name, bound: scope.node(desc.type, offset) }, offset);
    default:
      throw unsupported(`the import "${name}" of a ${desc.kind === 'module' ? 'core module' : desc.kind}`, offset);
  }
}

function missing(what: string, offset: number): never {
  throw malformed(`there is no ${what}`, offset);
}

function refuse(entry: Entry, what: string, offset: number): never {
  throw entry.kind === 'opaque'
    ? unsupported(`${what} that comes from no import`, offset)
    : malformed(`${what} is of another kind than is asked for`, offset);
}
