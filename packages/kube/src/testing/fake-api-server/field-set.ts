// Sets of fields, as `fieldsV1` of managed fields writes them: a tree of path elements (`f:name`, `k:{…}`, `v:…`), where `.`
// says that the place itself belongs to the set.
import { objectAt, type JsonObject } from './json.ts';

export interface FieldSet {
  readonly isMember: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

export const noFields: FieldSet = { isMember: false, children: new Map() };
export const oneField: FieldSet = { isMember: true, children: new Map() };

export const isEmpty = ({ isMember, children }: FieldSet): boolean => !isMember && children.size === 0;

/** What is empty is left out. */
export const fieldSet = (isMember: boolean, children: Iterable<readonly [string, FieldSet]>): FieldSet => ({
  isMember,
  children: new Map([...children].filter(([, child]) => !isEmpty(child))),
});

const names = (one: FieldSet, other: FieldSet): Set<string> =>
  new Set([...one.children.keys(), ...other.children.keys()]);

function combined(one: FieldSet, other: FieldSet, isMember: (one: boolean, other: boolean) => boolean): FieldSet {
  return fieldSet(
    isMember(one.isMember, other.isMember),
    [...names(one, other)].map((name) => [
      name,
      combined(one.children.get(name) ?? noFields, other.children.get(name) ?? noFields, isMember),
    ]),
  );
}

export const union = (...sets: readonly FieldSet[]): FieldSet =>
  sets.reduce((one, other) => combined(one, other, (a, b) => a || b), noFields);
export const intersection = (one: FieldSet, other: FieldSet): FieldSet => combined(one, other, (a, b) => a && b);
export const difference = (one: FieldSet, other: FieldSet): FieldSet => combined(one, other, (a, b) => a && !b);

/** Members as paths, for messages: `.spec.template.spec.containers[name="app"].image`. */
export function pathsOf({ isMember, children }: FieldSet, at = ''): readonly string[] {
  return [
    ...(isMember ? [at] : []),
    ...[...children].flatMap(([element, child]) => pathsOf(child, at + elementText(element))),
  ];
}

function elementText(element: string): string {
  const rest = element.slice(2);
  if (element.startsWith('k:')) {
    const keys = Object.entries(objectAt(JSON.parse(rest)));
    return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
  }
  return element.startsWith('v:') ? `[=${rest}]` : `.${rest}`;
}

export function toFieldsV1({ isMember, children }: FieldSet): JsonObject {
  const fields = [...children].map(([element, child]): readonly [string, unknown] => [element, toFieldsV1(child)]);
  return Object.fromEntries([...(isMember && fields.length > 0 ? [['.', {}] as const] : []), ...fields]);
}

/** A place without anything in it is a member. */
export function fromFieldsV1(fields: unknown): FieldSet {
  const entries = Object.entries(objectAt(fields));
  return fieldSet(
    entries.length === 0 || entries.some(([element]) => element === '.'),
    entries.flatMap(([element, child]) => (element === '.' ? [] : [[element, fromFieldsV1(child)] as const])),
  );
}
