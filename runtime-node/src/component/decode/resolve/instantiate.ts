// Elaborates one component instance: runs through its definitions in order, as instantiation at run time would, and
// leaves in the plan what has an effect then. Nested components are elaborated where they are instantiated, each time
// with handle tables and resource types of their own (after wasmtime-environ's `translate/inline.rs`).
import { malformed, tooLarge } from '../binary/error.ts';
import { MAX_DEPTH } from '../binary/limits.ts';
import type { Definition, ExternDesc, ExternName, NamedItem, TypeSyntax } from '../binary/syntax.ts';
import { resolveAlias } from './aliases.ts';
import { resolveCanon } from './canon.ts';
import { instantiateModule, nameCoreExports } from './core-instances.ts';
import type { Closure, ComponentItem, InstanceItem, Item } from './definitions.ts';
import { bindExtern, evaluateType } from './evaluate-types.ts';
import type { PlanBuilder } from './plan-builder.ts';
import { at, Scope } from './scope.ts';
import { itemSupply, type Supply } from './supply.ts';

export type ImportSupply = (name: ExternName, desc: ExternDesc) => Supply;

/** One component instance while it is elaborated. */
interface Frame {
  readonly plan: PlanBuilder;
  readonly scope: Scope;
  readonly instance: number;
  readonly supplyOf: ImportSupply;
  readonly depth: number;
  readonly imports: Set<string>;
  readonly exports: Map<string, Item>;
}

export function instantiate(
  plan: PlanBuilder,
  component: { readonly definitions: readonly Definition[]; readonly outer: Closure | null },
  supplyOf: ImportSupply,
  offset: number,
  depth = 0,
): InstanceItem {
  if (depth > MAX_DEPTH) {
    throw tooLarge('instantiations within each other', MAX_DEPTH, offset);
  }
  const frame: Frame = {
    plan,
    scope: new Scope(component.outer),
    instance: plan.addInstance(offset),
    supplyOf,
    depth,
    imports: new Set(),
    exports: new Map(),
  };
  for (const definition of component.definitions) {
    plan.step(definition.offset);
    define(frame, definition);
  }
  return { sort: 'instance', exports: frame.exports };
}

function define(frame: Frame, definition: Definition): void {
  const { plan, scope, instance } = frame;
  const { offset } = definition;
  switch (definition.kind) {
    case 'core-module':
      scope.modules.push({ sort: 'module', module: definition.module });
      break;
    case 'core-type':
      scope.coreTypes += 1;
      break;
    case 'core-instantiate':
      scope.coreInstances.push(instantiateModule(plan, scope, definition.module, definition.args, offset));
      break;
    case 'core-exports':
      scope.coreInstances.push(nameCoreExports(plan, scope, definition.exports, offset));
      break;
    case 'component':
      scope.components.push({ sort: 'component', syntax: definition.component, closure: scope.close() });
      break;
    case 'instantiate': {
      const component = at(scope.components, definition.component, 'component', offset);
      scope.instances.push(instantiateNested(frame, component, itemsOf(frame, definition.args, offset), offset));
      break;
    }
    case 'exports':
      scope.instances.push({ sort: 'instance', exports: itemsOf(frame, definition.exports, offset) });
      break;
    case 'alias':
      resolveAlias(plan, scope, definition.alias, offset);
      break;
    case 'type':
      defineType(frame, definition.type, offset);
      break;
    case 'canon':
      resolveCanon(plan, scope, instance, definition.canon, offset);
      break;
    case 'import':
      defineImport(frame, definition.name, definition.desc, offset);
      break;
    case 'export':
      defineExport(frame, definition.item, definition.ascribed, offset);
      break;
    case 'declare-export':
      throw malformed('a declaration of an export outside of a type', offset);
  }
}

function instantiateNested(
  frame: Frame,
  component: ComponentItem,
  args: ReadonlyMap<string, Item>,
  offset: number,
): InstanceItem {
  const supplyOf: ImportSupply = ({ name }) => itemSupply(args.get(name), `the argument "${name}"`);
  const definition = { definitions: component.syntax.definitions, outer: component.closure };
  return instantiate(frame.plan, definition, supplyOf, offset, frame.depth + 1);
}

function defineType(frame: Frame, type: TypeSyntax, offset: number): void {
  const { plan, scope, instance } = frame;
  if (type.kind !== 'resource') {
    scope.types.push(evaluateType(plan, scope, type, offset));
    return;
  }
  const destructor = type.destructor === null ? null : at(scope.core.func, type.destructor, 'core func', offset).ref;
  const index = plan.addResource({ origin: 'guest', instance, destructor, name: '' }, offset);
  scope.types.push({ kind: 'resource', index });
}

function defineImport(frame: Frame, name: ExternName, desc: ExternDesc, offset: number): void {
  if (frame.imports.has(name.name)) {
    throw malformed(`two imports "${name.name}"`, offset);
  }
  frame.imports.add(name.name);
  frame.scope.add(bindExtern(frame.plan, frame.scope, desc, frame.supplyOf(name, desc), offset));
}

function defineExport(frame: Frame, item: NamedItem, ascribed: ExternDesc | null, offset: number): void {
  const { plan, scope, exports } = frame;
  const actual = itemAt(scope, item, offset);
  if (exports.has(item.name)) {
    throw malformed(`two exports "${item.name}"`, offset);
  }
  if (actual.sort === 'type' && actual.type.kind === 'resource') {
    plan.nameResource(actual.type.index, item.name, offset);
  }
  const exported =
    ascribed === null
      ? actual
      : bindExtern(plan, scope, ascribed, itemSupply(actual, `the export "${item.name}"`), offset);
  exports.set(item.name, exported);
  // An export is a definition too, with an index of its own.
  scope.add(exported);
}

/** Arguments, or the exports of an instance that is put together from them. */
function itemsOf(frame: Frame, entries: readonly NamedItem[], offset: number): ReadonlyMap<string, Item> {
  const items = new Map<string, Item>();
  for (const entry of entries) {
    frame.plan.step(offset);
    if (items.has(entry.name)) {
      throw malformed(`"${entry.name}" is given twice`, offset);
    }
    items.set(entry.name, itemAt(frame.scope, entry, offset));
  }
  return items;
}

function itemAt(scope: Scope, { sort, index }: NamedItem, offset: number): Item {
  switch (sort) {
    case 'func':
      return at(scope.funcs, index, 'function', offset);
    case 'type':
      return { sort: 'type', type: at(scope.types, index, 'type', offset) };
    case 'instance':
      return at(scope.instances, index, 'instance', offset);
    case 'component':
      return at(scope.components, index, 'component', offset);
    case 'module':
      return at(scope.modules, index, 'core module', offset);
  }
}
