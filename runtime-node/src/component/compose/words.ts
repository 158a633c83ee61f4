// Types in WIT's words, for messages: named types by their name, others as deep as can be taken in at a glance.
import type { FuncNode, TypeNode } from './types.ts';

/** Levels of a type that are written out. */
const GLANCE = 3;
/** Members that are. */
const MEMBERS = 8;

export function typeInWords(node: TypeNode, depth = GLANCE): string {
  if (typeof node === 'string') {
    return node;
  }
  if (node.kind === 'named') {
    return node.name;
  }
  if (depth === 0) {
    return '…';
  }
  const word = (part: TypeNode | null): string => (part === null ? '_' : typeInWords(part, depth - 1));
  const { type } = node;
  switch (type.kind) {
    case 'record':
      return braced('record', type.fields, (field) => `${field.name}: ${word(field.type)}`);
    case 'variant':
      return braced('variant', type.cases, (one) => (one.type === null ? one.name : `${one.name}(${word(one.type)})`));
    case 'enum':
    case 'flags':
      return braced(type.kind, type.names, (name) => name);
    case 'list':
      return `list<${word(type.element)}>`;
    case 'tuple':
      return `tuple<${type.elements.map(word).join(', ')}>`;
    case 'option':
      return `option<${word(type.some)}>`;
    case 'result':
      return resultInWords(type.ok === null ? null : word(type.ok), type.err === null ? null : word(type.err));
    case 'stream':
    case 'future':
      return type.element === null ? type.kind : `${type.kind}<${word(type.element)}>`;
    case 'own':
      return word(type.resource);
    case 'borrow':
      return `borrow<${word(type.resource)}>`;
  }
}

export function funcInWords({ async, params, result }: FuncNode): string {
  const list = params.map(({ name, type }) => `${name}: ${typeInWords(type)}`).join(', ');
  return `${async ? 'async ' : ''}func(${list})${result === null ? '' : ` -> ${typeInWords(result)}`}`;
}

function braced<Member>(word: string, members: readonly Member[], text: (member: Member) => string): string {
  const shown = members.slice(0, MEMBERS).map(text);
  return `${word} { ${[...shown, ...(members.length > MEMBERS ? ['…'] : [])].join(', ')} }`;
}

function resultInWords(ok: string | null, error: string | null): string {
  if (error === null) {
    return ok === null ? 'result' : `result<${ok}>`;
  }
  return `result<${ok ?? '_'}, ${error}>`;
}
