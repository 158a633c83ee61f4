// What may be plugged into what, and what is said where it may not.
import { componentWit } from '@bytecodealliance/jco';
import { UserError } from '@spindle/api';
import { describe, expect, it } from 'vitest';
import { decodeComponent } from '../decode/index.ts';
import { wat } from '../decode/testing/wat.ts';
import { compose, describeExterns, ExportMismatch, type Plug } from './index.ts';
import { readComponent } from './read.ts';
import { dummy } from './testing/dummy.ts';

const API = 'test:plugs/api';
const PLUG: Plug = { import: API, dependency: 0, export: API };
const granted = (bytes: Uint8Array, name = 'd') => ({ name, bytes, deny: () => false });

/** `worlds` are those of the root and the dependency. */
async function composed(
  api: { root: string; dependency: string },
  worlds: { root: string; dependency: string },
  plugs = [PLUG],
) {
  const wit = (text: string): string => `package test:plugs;
    interface io { resource pipe { read: func() -> u8; } record span { x: u8 } }
    ${/\b(record|resource|type|enum) t\b/.test(text) ? 'interface other { use api.{t}; g: func(t: t); }' : ''}
    interface late { use io.{pipe}; h: func() -> pipe; }
    interface api { ${text} }
    world root { ${worlds.root} }
    world dependency { ${worlds.dependency} }`;
  const [root, dependency] = [await dummy(wit(api.root), 'root'), await dummy(wit(api.dependency), 'dependency')];
  return compose(root, [granted(dependency)], plugs);
}

const both = (text: string): { root: string; dependency: string } => ({ root: text, dependency: text });
const PLAIN = { root: 'import api;', dependency: 'export api;' };

describe('an export', () => {
  it('may have more than is asked for', async () => {
    const bytes = await composed(
      { root: 'f: func();', dependency: 'g: func(); record r { x: u8 } f: func(); type t = r;' },
      PLAIN,
    );
    await componentWit(bytes);
    expect(decodeComponent(bytes).imports).toEqual([]);
  });

  it.each([
    [
      'f: func(); type t = u8;',
      'f: func(x: u8); type t = u8;',
      'function "f" is func(x: u8) where func() is asked for',
    ],
    ['f: func(); type t = u8;', 'g: func(); type t = u8;', 'function "f" is missing'],
    [
      'f: func(x: list<u8>);',
      'f: func(x: list<u16>);',
      'function "f", parameter "x", the element is u16 where u8 is asked for',
    ],
    [
      'f: func() -> result<u8>;',
      'f: func() -> result<u8, string>;',
      'function "f", the result is result<u8, string> where result<u8> is asked for',
    ],
    [
      'f: func() -> option<tuple<u8, char>>;',
      'f: func() -> option<tuple<u8, s8>>;',
      'function "f", the result, some, element 1 is s8 where char is asked for',
    ],
    [
      'record r { a: u8 } f: func(r: r);',
      'record r { a: u8, b: u8 } f: func(r: r);',
      'type "r" is record { a: u8, b: u8 } where record { a: u8 } is asked for',
    ],
    [
      'variant v { a, b(u8) } f: func(v: v);',
      'variant v { a, b(s8) } f: func(v: v);',
      'type "v", case "b" is s8 where u8 is asked for',
    ],
    [
      'enum e { a } f: func(v: e);',
      'enum e { b } f: func(v: e);',
      'type "e" is enum { b } where enum { a } is asked for',
    ],
    [
      'flags l { a } f: func(v: l);',
      'flags l { a, b } f: func(v: l);',
      'type "l" is flags { a, b } where flags { a } is asked for',
    ],
    [
      'resource r; f: func(r: r);',
      'record r { x: u8 } f: func(r: r);',
      'resource "r" is record { x: u8 } where the resource "r" of "test:plugs/api" is asked for',
    ],
    [
      'resource r { m: func(); }',
      'resource r { m: func() -> u8; }',
      'function "[method]r.m" is func(self: borrow<r>) -> u8 where func(self: borrow<r>) is asked for',
    ],
    [
      'resource r; resource q; f: func(r: r);',
      'resource r; resource q; f: func(r: q);',
      'function "f", parameter "r", the handle is another resource "q" where the resource "r" of "test:plugs/api" is asked for',
    ],
    [
      'resource r; f: func(r: borrow<r>);',
      'resource r; f: func(r: r);',
      'function "f", parameter "r" is r where borrow<r> is asked for',
    ],
    [
      'use io.{pipe}; f: func(s: pipe);',
      'resource pipe; f: func(s: pipe);',
      'is another resource "pipe" where the resource "pipe" of "test:plugs/io" is asked for',
    ],
    ['record t { x: u8 } f: func(x: t);', 'f: func(x: u8);', 'type "t" is missing'],
  ])('of %s does not fit where it is %s', async (root, dependency, difference) => {
    const refused = composed({ root, dependency }, PLAIN);
    await expect(refused).rejects.toBeInstanceOf(ExportMismatch);
    await expect(refused).rejects.toMatchObject({
      code: 'SPK4071',
      import: API,
      dependency: 'd',
      export: API,
      difference: expect.stringContaining(difference),
    });
  });

  it('may be a function by itself', async () => {
    const worlds = { root: 'import f: func(x: string) -> u8;', dependency: 'export g: func(x: string) -> u8;' };
    const bytes = await composed(both(''), worlds, [{ import: 'f', dependency: 0, export: 'g' }]);
    await componentWit(bytes);
    expect(decodeComponent(bytes).imports).toEqual([]);
    const other = { ...worlds, dependency: 'export g: func(x: string) -> s8;' };
    await expect(composed(both(''), other, [{ import: 'f', dependency: 0, export: 'g' }])).rejects.toThrow(
      'export "g" of dependency "d" does not fit import "f": it, the result is s8 where u8 is asked for',
    );
  });

  it('of a function does not fit an interface', async () => {
    const worlds = { root: 'import api;', dependency: 'export g: func();' };
    await expect(composed(both('f: func();'), worlds, [{ ...PLUG, export: 'g' }])).rejects.toThrow(
      'it is a function where an interface is asked for',
    );
  });

  it('may pass on a resource of the host', async () => {
    const bytes = await composed(both('use io.{pipe}; f: func(s: pipe) -> pipe;'), PLAIN);
    await componentWit(bytes);
    expect(decodeComponent(bytes).importedInterfaces).toEqual(['test:plugs/io']);
  });
});

describe('a type of what is plugged', () => {
  it('is spelled out in the imports that use it', async () => {
    const worlds = { root: 'import api; import other;', dependency: 'export api;' };
    const bytes = await composed(both('record q { y: u8 } record t { x: q } f: func(t: t);'), worlds);
    await componentWit(bytes);
    const other = readComponent(bytes, 'it').imports.get('test:plugs/other')?.type;
    expect(other?.kind === 'instance' && [...other.members.keys()]).toEqual(['q', 't', 'g']);
    expect(decodeComponent(bytes).imports).toMatchObject([{ interface: 'test:plugs/other', name: 'g' }]);
  });

  it('may be used at the root of the world', async () => {
    const worlds = {
      root: 'use api.{t}; import k: func(t: t) -> t; export best: func() -> t;',
      dependency: 'export api;',
    };
    const bytes = await composed(both('enum q { a } record t { x: q } f: func(t: t);'), worlds);
    await componentWit(bytes);
    expect(Object.keys(decodeComponent(bytes).exports)).toContain('best');
  });

  it('is exported with its interface where the exports speak of it', async () => {
    const worlds = { root: 'import api; export other;', dependency: 'export api;' };
    const bytes = await composed(both('resource q; record t { x: q } f: func() -> t;'), worlds);
    expect(await componentWit(bytes)).toContain(`export ${API};\n  export test:plugs/other;`);
  });

  it('must not be a resource that the host is asked to take', async () => {
    const worlds = { root: 'import api; import other;', dependency: 'export api;' };
    await expect(composed(both('resource t; f: func() -> t;'), worlds)).rejects.toThrow(
      `import "test:plugs/other" of the component takes or gives the resource "t" of "${API}", which a dependency satisfies`,
    );
  });
});

describe('a plug', () => {
  const worlds = { root: 'import api; import late;', dependency: 'export api; export late;' };
  const LATE = 'test:plugs/late';

  it.each<[string, Plug[], string]>([
    [
      'into nothing',
      [{ ...PLUG, import: 'a:b/c' }],
      'the component has no import "a:b/c" that dependency "d" could satisfy',
    ],
    [
      'out of nothing',
      [{ ...PLUG, export: 'a:b/c' }],
      `dependency "d" does not export "a:b/c" to satisfy the import "${API}"`,
    ],
    ['into what is plugged', [PLUG, PLUG], `the import "${API}" is satisfied twice`],
    [
      'of another interface',
      [{ ...PLUG, export: LATE }],
      `export "${LATE}" of dependency "d" does not fit import "${API}": function "f" is missing`,
    ],
  ])('%s is refused', async (_name, plugs, message) => {
    const refused = composed(both('f: func();'), worlds, plugs);
    await expect(refused).rejects.toBeInstanceOf(UserError);
    await expect(refused).rejects.toThrow(message);
  });

  it('of a dependency that is not there is a mistake of the caller', async () => {
    await expect(composed(both('f: func();'), worlds, [{ ...PLUG, dependency: 1 }])).rejects.toBeInstanceOf(RangeError);
  });
});

describe('what is no component', () => {
  const ROOT = '(component (import "a:b/c" (instance (export "f" (func)))))';
  const DEPENDENCY = `(component
    (import "x:y/z" (instance $z (type $t (record (field "a" string))) (export "t" (type (eq $t)))))
    (core module $m (func (export "f")))
    (core instance $i (instantiate $m))
    (func $f (canon lift (core func $i "f")))
    (instance $c (export "f" (func $f)))
    (export "a:b/c" (instance $c)))`;
  const plug = { import: 'a:b/c', dependency: 0, export: 'a:b/c' };

  it('is refused wherever it is cut off, and in whatever byte it is damaged, or is a component', async () => {
    const [root, whole] = [await wat(ROOT), await wat(DEPENDENCY)];
    expect(() => compose(root, [granted(whole)], [plug])).not.toThrow();
    const trials = [...whole.keys()].flatMap((at) => [
      whole.subarray(0, at),
      ...[0x00, 0x01, 0x7f, 0xff].map((value) => whole.with(at, value)),
    ]);
    const attempt = (bytes: Uint8Array): unknown => {
      try {
        return decodeComponent(compose(root, [granted(bytes)], [plug])) && undefined;
      } catch (error) {
        // expected: most are; which error it is, is what is asked.
        return error;
      }
    };
    const errors = trials.map(attempt).filter((error) => error !== undefined);
    expect(errors.length).toBeGreaterThan(whole.length);
    expect(errors.filter((error) => !(error instanceof UserError))).toEqual([]);
  });

  it.each([
    ['nothing', new Uint8Array(), 'the file is empty'],
    ['text', new TextEncoder().encode('(component)'), 'this is WebAssembly text'],
    ['a core module', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0), 'this is a core WebAssembly module'],
  ])('as %s is said of whose bytes they are', async (_name, bytes, reason) => {
    const root = await wat(ROOT);
    expect(() => compose(root, [granted(bytes, 'it')], [plug])).toThrow(`dependency "it": ${reason}`);
    expect(() => compose(bytes, [], [])).toThrow(`the component: ${reason}`);
    expect(() => describeExterns(bytes)).toThrow(UserError);
  });

  it('as a component of types within types without end is refused', async () => {
    const lists = Array.from({ length: 200 }, (_, index) => `(type $t${index + 1} (list $t${index}))`).join('');
    const bytes = await wat(`(component (type $t0 u8) ${lists} (import "f" (func (param "x" $t200))))`);
    expect(() => compose(bytes, [], [])).toThrow(
      'the component: component too large: more than 100 levels in one type',
    );
  });

  it('as a component of a thousand imports of a thousand functions is refused before they are read', async () => {
    const declared = Array.from({ length: 1_000 }, (_, index) => `(export "f${index}" (func (type $f)))`).join('');
    const imports = Array.from({ length: 1_001 }, (_, index) => `(import "a:b/c${index}" (instance (type $i)))`).join(
      '',
    );
    const bytes = await wat(`(component (type $i (instance (type $f (func)) ${declared})) ${imports})`);
    expect(() => describeExterns(bytes)).toThrow('component too large: more than 1000000 steps to read its imports');
  });

  it('as a component that imports a core module is refused', async () => {
    const bytes = await wat('(component (import "m" (core module)))');
    expect(() => compose(bytes, [], [])).toThrow('the component: the import "m" of a core module is not supported yet');
  });
});

it('describes what a component imports and exports', async () => {
  const bytes = await wat(`(component
    (import "a:b/c@1.0.0" (instance $c (export "f" (func))))
    (import "g" (func $g))
    (import "t" (type (sub resource)))
    (export "a:b/d@1.0.0" (instance $c))
    (export "h" (func $g)))`);
  expect(describeExterns(bytes)).toEqual({
    imports: [
      { name: 'a:b/c@1.0.0', kind: 'instance' },
      { name: 'g', kind: 'func' },
      { name: 't', kind: 'type' },
    ],
    exports: [
      { name: 'a:b/d@1.0.0', kind: 'instance' },
      { name: 'h', kind: 'func' },
    ],
  });
});
