// Random packages in WIT: what a host gives, what one component gives another, what that may be denied, and what the
// other asks of the host and gives to all in types of the first two.
import { array, constantFrom, integer, letrec, nat, oneof, option, record, tuple, type Arbitrary } from 'fast-check';

const PRIMITIVES = ['bool', 'u8', 's16', 'u32', 's64', 'f32', 'f64', 'char', 'string'];

/** Writes a type, given the names of those defined before. */
type Writer = (names: readonly string[]) => string;

const types: Arbitrary<Writer> = letrec<{ type: Writer }>((tie) => ({
  type: oneof(
    { maxDepth: 3, depthIdentifier: 'type' },
    constantFrom(...PRIMITIVES).map((name) => () => name),
    nat().map(
      (pick): Writer =>
        (names) =>
          names[pick % Math.max(1, names.length)] ?? 'u64',
    ),
    tuple(constantFrom('list', 'option', 'result'), tie('type')).map(
      ([kind, part]): Writer =>
        (names) =>
          `${kind}<${part(names)}>`,
    ),
    tuple(constantFrom('tuple', 'result'), tie('type'), tie('type')).map(
      ([kind, one, other]): Writer =>
        (names) =>
          `${kind}<${one(names)}, ${other(names)}>`,
    ),
  ),
})).type;

interface Definition {
  readonly kind: 'record' | 'variant' | 'enum' | 'flags' | 'alias' | 'resource';
  readonly parts: readonly Writer[];
}

const definitions: Arbitrary<readonly Definition[]> = array(
  record({
    kind: constantFrom<Definition['kind']>('record', 'variant', 'enum', 'flags', 'alias', 'resource'),
    parts: array(types, { minLength: 1, maxLength: 4 }),
  }),
  { maxLength: 5 },
);

function definition({ kind, parts }: Definition, name: string, names: readonly string[]): string {
  const texts = parts.map((part) => part(names));
  switch (kind) {
    case 'record':
      return `record ${name} { ${texts.map((type, index) => `f${index}: ${type}`).join(', ')} }`;
    case 'variant':
      return `variant ${name} { none, ${texts.map((type, index) => `c${index}(${type})`).join(', ')} }`;
    case 'enum':
    case 'flags':
      return `${kind} ${name} { ${texts.map((_, index) => `n${index}`).join(', ')} }`;
    case 'alias':
      return `type ${name} = ${texts[0]};`;
    case 'resource':
      return `resource ${name} { constructor(x: ${texts[0]}); m: func(x: borrow<${name}>) -> ${texts.at(-1)}; s: static func(x: ${name}); }`;
  }
}

interface Interface {
  readonly definitions: readonly Definition[];
  readonly functions: readonly { readonly params: readonly Writer[]; readonly result: Writer | null }[];
}

const interfaces: Arbitrary<Interface> = record({
  definitions,
  functions: array(record({ params: array(types, { maxLength: 6 }), result: option(types) }), {
    minLength: 1,
    maxLength: 4,
  }),
});

interface Written {
  readonly text: string;
  readonly names: readonly string[];
  /** Those of the names that stand for values, with no resource in them. */
  readonly values: readonly string[];
}

function written(prefix: string, used: Pick<Written, 'names' | 'values'>, one: Interface): Written {
  const own: string[] = [];
  const values: string[] = [];
  const lines = one.definitions.map((each, index) => {
    const name = `${prefix}${index}`;
    const text = definition(each, name, [...used.names, ...own]);
    const others = [...used.names, ...own].filter((other) => ![...used.values, ...values].includes(other));
    if (each.kind !== 'resource' && !others.some((other) => new RegExp(`\\b${other}\\b`).test(text))) {
      values.push(name);
    }
    own.push(name);
    return text;
  });
  const names = [...used.names, ...own];
  const functions = one.functions.map(({ params, result }, index) => {
    const list = params.map((param, at) => `p${at}: ${param(names)}`).join(', ');
    return `${prefix}-f${index}: func(${list})${result === null ? '' : ` -> ${result(names)}`};`;
  });
  return { text: [...lines, ...functions].join('\n  '), names: own, values };
}

export interface RandomWorld {
  readonly wit: string;
  /** The same, but that a field of the function `probe` in `api` is of another type. */
  readonly changed: string;
}

const NOTHING: Written = { text: '', names: [], values: [] };

const use = (from: string, names: readonly string[]): string =>
  names.length === 0 ? '' : `use ${from}.{${names.join(', ')}};`;

export const randomWorlds: Arbitrary<RandomWorld> = tuple(
  array(interfaces, { minLength: 6, maxLength: 6 }),
  integer({ min: 0, max: 3 }),
).map(([[host, api, more, secret, late, out], depth]) => {
  const given = written('h', NOTHING, host as Interface);
  const between = written('a', given, api as Interface);
  const inner = { names: [...given.names, ...between.names], values: [...given.values, ...between.values] };
  const further = written('m', inner, more as Interface);
  const denied = written('s', given, secret as Interface);
  const values = { names: between.values, values: between.values };
  const asked = written('l', values, late as Interface);
  const all = { names: [...inner.names, ...further.names], values: [...inner.values, ...further.values] };
  const exported = written('o', all, out as Interface);
  const text = (probed: string): string => `package test:worlds@1.2.3;
interface host {
  ${given.text}
}
interface api {
  ${use('host', given.names)}
  record probed { x: ${'list<'.repeat(depth)}${probed}${'>'.repeat(depth)} }
  probe: func(x: option<probed>);
  ${between.text}
}
interface more {
  ${use('host', given.names)}
  ${use('api', between.names)}
  ${further.text}
}
interface secret {
  ${use('host', given.names)}
  ${denied.text}
}
interface late {
  ${use('api', between.values)}
  ${asked.text}
}
interface out {
  ${use('host', given.names)}
  ${use('api', between.names)}
  ${use('more', further.names)}
  ${exported.text}
}
world root { import host; import api; import more; import late; export out; }
world dependency { import host; import secret; export api; export more; }
`;
  return { wit: text('u32'), changed: text('s32') };
});
