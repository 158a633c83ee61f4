// Where two types part ways: the way down to the first part that differs, and what it is on either side.
import type { Identities } from './identities.ts';
import { peel, type Composite, type FuncNode, type NamedType, type TypeNode } from './types.ts';
import { funcInWords, typeInWords } from './words.ts';

export interface Difference {
  /** From the outside in: `parameter "options"`, `field "depth"`. */
  readonly path: readonly string[];
  readonly left: string;
  readonly right: string;
}

/** Undefined when they are the same. */
export function memberDifference(
  same: Identities,
  left: FuncNode | NamedType,
  right: FuncNode | NamedType,
): Difference | undefined {
  if (left.kind === 'func' && right.kind === 'func') {
    return funcDifference(same, left, right);
  }
  if (left.kind === 'named' && right.kind === 'named') {
    return typeDifference(same, left, right);
  }
  return { path: [], left: sortOf(left), right: sortOf(right) };
}

const sortOf = ({ kind }: FuncNode | NamedType): string => (kind === 'func' ? 'a function' : 'a type');

function funcDifference(same: Identities, left: FuncNode, right: FuncNode): Difference | undefined {
  if (same.sameFunc(left, right)) {
    return undefined;
  }
  const alike =
    left.async === right.async &&
    left.params.length === right.params.length &&
    left.params.every(({ name }, index) => name === right.params[index]?.name) &&
    (left.result === null) === (right.result === null);
  const parts: Part[] = alike
    ? [
        ...left.params.map((param, index): Part => [
          `parameter "${param.name}"`,
          param.type,
          right.params[index]?.type,
        ]),
        ['the result', left.result, right.result],
      ]
    : [];
  return firstOf(same, parts) ?? { path: [], left: funcInWords(left), right: funcInWords(right) };
}

/** Undefined when they are the same. */
export function typeDifference(same: Identities, one: TypeNode, other: TypeNode): Difference | undefined {
  if (same.same(one, other)) {
    return undefined;
  }
  const left = peel(one);
  const right = peel(other);
  const parts =
    typeof left !== 'string' && typeof right !== 'string' && left.kind === 'composite' && right.kind === 'composite'
      ? partsOf(left.type, right.type)
      : [];
  if (isResource(left) && isResource(right)) {
    return { path: [], left: inWords(left), right: inWords(right).replace(/^the/, 'another') };
  }
  return firstOf(same, parts) ?? { path: [], left: inWords(left), right: inWords(right) };
}

/** Of a resource also whose it is, where it is an import's: versions may be all that differs. */
function inWords(node: TypeNode): string {
  if (!isResource(node)) {
    return typeInWords(node);
  }
  return `the resource "${node.name}"${node.home === '' ? '' : ` of "${node.home}"`}`;
}

type Part = readonly [where: string, left: TypeNode | null | undefined, right: TypeNode | null | undefined];

const isResource = (node: TypeNode): node is NamedType => typeof node !== 'string' && node.kind === 'named';

function firstOf(same: Identities, parts: readonly Part[]): Difference | undefined {
  for (const [where, left, right] of parts) {
    const found = left && right ? typeDifference(same, left, right) : undefined;
    if (found !== undefined) {
      return { ...found, path: [where, ...found.path] };
    }
  }
  return undefined;
}

/** Parts that stand at the same place; none where the types differ in more than their parts. */
function partsOf(left: Composite<TypeNode>, right: Composite<TypeNode>): readonly Part[] {
  if (left.kind === 'record' && right.kind === 'record') {
    return named('field', left.fields, right.fields);
  }
  if (left.kind === 'variant' && right.kind === 'variant') {
    return named('case', left.cases, right.cases);
  }
  if (left.kind === 'list' && right.kind === 'list') {
    return [['the element', left.element, right.element]];
  }
  if (left.kind === 'tuple' && right.kind === 'tuple' && left.elements.length === right.elements.length) {
    return left.elements.map((element, index) => [`element ${index}`, element, right.elements[index]]);
  }
  if (left.kind === 'option' && right.kind === 'option') {
    return [['some', left.some, right.some]];
  }
  if (left.kind === 'result' && right.kind === 'result') {
    return [
      ['ok', left.ok, right.ok],
      ['err', left.err, right.err],
    ];
  }
  if ((left.kind === 'own' || left.kind === 'borrow') && left.kind === right.kind) {
    return [['the handle', left.resource, right.resource]];
  }
  return [];
}

interface Member {
  readonly name: string;
  readonly type: TypeNode | null;
}

const named = (what: string, left: readonly Member[], right: readonly Member[]): readonly Part[] =>
  left.length === right.length && left.every(({ name }, index) => name === right[index]?.name)
    ? left.map((member, index) => [`${what} "${member.name}"`, member.type, right[index]?.type])
    : [];
