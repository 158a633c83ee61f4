// Values by their shape: which fields one has, what differs between two, one merged into another, fields taken out. The rules
// of structured-merge-diff, which server-side apply is made of.
import { fieldSet, isEmpty, noFields, oneField, type FieldSet } from './field-set.ts';
import { isObject, isSame, type JsonObject } from './json.ts';
import type { Shape } from './shape.ts';

/** What a value consists of, each part with its path element; undefined when it is one value. */
function partsOf(value: unknown, shape: Shape): ReadonlyMap<string, unknown> | undefined {
  if (shape.isAtomic === true) {
    return undefined;
  }
  if (isObject(value)) {
    return new Map(Object.entries(value).map(([name, part]) => [`f:${name}`, part]));
  }
  if (Array.isArray(value) && (shape.keys !== undefined || shape.isSet === true)) {
    return new Map(value.map((item) => [itemElement(item, shape), item]));
  }
  return undefined;
}

function itemElement(item: unknown, { keys, keyDefaults = {} }: Shape): string {
  if (keys === undefined) {
    return `v:${JSON.stringify(item)}`;
  }
  const fields = isObject(item) ? item : {};
  const values = keys.toSorted().map((key) => [key, fields[key] ?? keyDefaults[key] ?? null]);
  return `k:${JSON.stringify(Object.fromEntries(values))}`;
}

const isField = (element: string): boolean => element.startsWith('f:');

const partShape = (shape: Shape, element: string): Shape =>
  isField(element) ? (shape.fields?.[element.slice(2)] ?? shape.values ?? {}) : (shape.items ?? {});

const join = (parts: ReadonlyMap<string, unknown>, like: unknown): unknown =>
  Array.isArray(like)
    ? [...parts.values()]
    : Object.fromEntries([...parts].map(([element, part]) => [element.slice(2), part]));

/** What an applied configuration claims: leaves, list items, empty maps. */
export function fieldsOf(value: unknown, shape: Shape): FieldSet {
  const parts = partsOf(value, shape);
  if (parts === undefined) {
    return oneField;
  }
  return fieldSet(
    parts.size === 0,
    [...parts].map(([element, part]) => {
      const inner = fieldsOf(part, partShape(shape, element));
      return [element, isField(element) ? inner : { ...inner, isMember: true }];
    }),
  );
}

export interface Comparison {
  /** In the new one only, or other than in the old one. */
  readonly set: FieldSet;
  /** In the old one only. */
  readonly removed: FieldSet;
}

const SAME: Comparison = { set: noFields, removed: noFields };

export function compare(old: unknown, young: unknown, shape: Shape): Comparison {
  const [oldParts, youngParts] = [partsOf(old, shape), partsOf(young, shape)];
  if ((old !== undefined && oldParts === undefined) || (young !== undefined && youngParts === undefined)) {
    return isSame(old, young)
      ? SAME
      : { set: young === undefined ? noFields : oneField, removed: young === undefined ? oneField : noFields };
  }
  const elements = new Set([...(oldParts?.keys() ?? []), ...(youngParts?.keys() ?? [])]);
  const parts = [...elements].map(
    (element) =>
      [element, compare(oldParts?.get(element), youngParts?.get(element), partShape(shape, element))] as const,
  );
  return {
    set: fieldSet(
      old === undefined && young !== undefined,
      parts.map(([element, { set }]) => [element, set]),
    ),
    removed: fieldSet(
      young === undefined && old !== undefined,
      parts.map(([element, { removed }]) => [element, removed]),
    ),
  };
}

/** `config` laid over `live`. */
export function merged(live: unknown, config: unknown, shape: Shape): unknown {
  const [liveParts, configParts] = [partsOf(live, shape), partsOf(config, shape)];
  if (liveParts === undefined || configParts === undefined || Array.isArray(live) !== Array.isArray(config)) {
    return config;
  }
  // What the configuration has comes in its order where it is a list; what it says nothing of stays before it.
  const order = Array.isArray(config) ? ordered([...liveParts.keys()], [...configParts.keys()]) : undefined;
  const elements = order ?? new Set([...liveParts.keys(), ...configParts.keys()]);
  const parts = new Map<string, unknown>();
  for (const element of elements) {
    const inConfig = configParts.has(element);
    const part = inConfig ? configParts.get(element) : liveParts.get(element);
    parts.set(
      element,
      inConfig && liveParts.has(element) ? merged(liveParts.get(element), part, partShape(shape, element)) : part,
    );
  }
  return join(parts, config);
}

/** The live order, with the configuration's own order among what it has. */
function ordered(live: readonly string[], config: readonly string[]): readonly string[] {
  const result: string[] = [];
  const left = [...config];
  for (const element of live) {
    if (!config.includes(element)) {
      result.push(element);
    } else if (left.includes(element)) {
      result.push(...left.splice(0, left.indexOf(element) + 1));
    }
  }
  return [...result, ...left];
}

/** Without the members of the set; a map that nothing is left in goes, too. */
export function withoutFields(value: unknown, fields: FieldSet, shape: Shape): unknown {
  const parts = partsOf(value, shape);
  if (parts === undefined || fields.children.size === 0) {
    return value;
  }
  const left = new Map<string, unknown>();
  for (const [element, part] of parts) {
    const within = fields.children.get(element) ?? noFields;
    if (within.isMember) {
      continue;
    }
    const rest = isEmpty(within) ? part : withoutFields(part, within, partShape(shape, element));
    if (rest !== undefined) {
      left.set(element, rest);
    }
  }
  return left.size === 0 ? undefined : join(left, value);
}

export const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {});
