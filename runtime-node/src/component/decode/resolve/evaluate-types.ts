// Types, from text in a scope to types of the plan; and the walk over an import's or export's type that binds it to
// what fills it. Evaluating for each instantiation anew makes substitution of resources, which validators do on
// types, a matter of plain lookups.
import type { CompositeType, FuncType, TypeRef } from '../../plan.ts';
import { malformed, tooLarge } from '../binary/error.ts';
import { MAX_DEPTH } from '../binary/limits.ts';
import type { ExternDesc, TypeSyntax } from '../binary/syntax.ts';
import { resolveAlias } from './aliases.ts';
import type { Item, TypeItem } from './definitions.ts';
import type { PlanBuilder } from './plan-builder.ts';
import { at, Scope } from './scope.ts';
import type { Supply } from './supply.ts';

export function evaluateType(
  plan: PlanBuilder,
  scope: Scope,
  syntax: Exclude<TypeSyntax, { kind: 'resource' }>,
  offset: number,
): TypeItem {
  const value = (ref: TypeRef): TypeRef => (typeof ref === 'number' ? valueAt(scope, ref, offset) : ref);
  switch (syntax.kind) {
    case 'value':
      return typeof syntax.type === 'string'
        ? { kind: 'value', ref: syntax.type }
        : { kind: 'value', ref: plan.table.intern(evaluateComposite(scope, syntax.type, value, offset), offset) };
    case 'func': {
      const type: FuncType = {
        ...(syntax.type.async === true ? { async: true } : {}),
        params: syntax.type.params.map((param) => ({ name: param.name, type: value(param.type) })),
        result: syntax.type.result === null ? null : value(syntax.type.result),
      };
      return { kind: 'func', index: plan.table.internFunc(type, offset) };
    }
    case 'instance':
      return { kind: 'instance', declarations: syntax.declarations, closure: scope.close() };
    case 'component':
      return { kind: 'component' };
  }
}

function evaluateComposite(
  scope: Scope,
  type: CompositeType,
  value: (ref: TypeRef) => TypeRef,
  offset: number,
): CompositeType {
  const optional = (ref: TypeRef | null): TypeRef | null => (ref === null ? null : value(ref));
  switch (type.kind) {
    case 'record':
      return { kind: 'record', fields: type.fields.map((field) => ({ name: field.name, type: value(field.type) })) };
    case 'variant':
      return { kind: 'variant', cases: type.cases.map((entry) => ({ name: entry.name, type: optional(entry.type) })) };
    case 'list':
      return { kind: 'list', element: value(type.element) };
    case 'tuple':
      return { kind: 'tuple', elements: type.elements.map(value) };
    case 'option':
      return { kind: 'option', some: value(type.some) };
    case 'result':
      return { kind: 'result', ok: optional(type.ok), err: optional(type.err) };
    case 'own':
    case 'borrow':
      return { kind: type.kind, resource: resourceAt(scope, type.resource, offset) };
    case 'stream':
    case 'future':
      return { kind: type.kind, element: optional(type.element) };
    case 'flags':
    case 'enum':
      return type;
  }
}

export function valueAt(scope: Scope, index: number, offset: number): TypeRef {
  const type = at(scope.types, index, 'type', offset);
  if (type.kind !== 'value') {
    throw malformed(`type ${index} is not a type of values`, offset);
  }
  return type.ref;
}

export function resourceAt(scope: Scope, index: number, offset: number): number {
  const type = at(scope.types, index, 'type', offset);
  if (type.kind !== 'resource') {
    throw malformed(`type ${index} is not a resource type`, offset);
  }
  return type.index;
}

export function funcTypeAt(scope: Scope, index: number, offset: number): number {
  const type = at(scope.types, index, 'type', offset);
  if (type.kind !== 'func') {
    throw malformed(`type ${index} is not a function type`, offset);
  }
  return type.index;
}

/** Walks a described type in `scope`, asking `supply` for each part of it. */
export function bindExtern(
  plan: PlanBuilder,
  scope: Scope,
  desc: ExternDesc,
  supply: Supply,
  offset: number,
  depth = 0,
): Item {
  switch (desc.kind) {
    case 'func':
      return supply.func(funcTypeAt(scope, desc.type, offset), offset);
    case 'type-equal':
      return supply.equal(at(scope.types, desc.type, 'type', offset), offset);
    case 'type-resource':
      return supply.resource(offset);
    case 'instance': {
      const type = at(scope.types, desc.type, 'type', offset);
      if (type.kind !== 'instance') {
        throw malformed(`type ${desc.type} is not an instance type`, offset);
      }
      supply.instance(offset);
      return bindInstance(plan, type, supply, depth + 1, offset);
    }
    case 'module':
    case 'component':
      return supply.opaque(desc.kind, offset);
  }
}

function bindInstance(
  plan: PlanBuilder,
  type: Extract<TypeItem, { kind: 'instance' }>,
  supply: Supply,
  depth: number,
  start: number,
): Item {
  if (depth > MAX_DEPTH) {
    throw tooLarge('instances within each other', MAX_DEPTH, start);
  }
  const scope = new Scope(type.closure);
  const exports = new Map<string, Item>();
  for (const declaration of type.declarations) {
    const { offset } = declaration;
    plan.step(offset);
    switch (declaration.kind) {
      case 'core-type':
        scope.coreTypes += 1;
        break;
      case 'type':
        if (declaration.type.kind === 'resource') {
          throw malformed('a resource is defined within a type', offset);
        }
        scope.types.push(evaluateType(plan, scope, declaration.type, offset));
        break;
      case 'alias':
        resolveAlias(plan, scope, declaration.alias, offset);
        break;
      case 'declare-export': {
        const { name, desc } = declaration;
        if (exports.has(name)) {
          throw malformed(`an instance type with two exports "${name}"`, offset);
        }
        const item = bindExtern(plan, scope, desc, supply.member(name, offset), offset, depth);
        exports.set(name, item);
        scope.add(item);
        break;
      }
      default:
        throw malformed(`a definition (${declaration.kind}) within an instance type`, offset);
    }
  }
  return { sort: 'instance', exports };
}
