// What two components import under one name becomes one import.
import { componentWit } from '@bytecodealliance/jco';
import { describe, expect, it } from 'vitest';
import { decodeComponent } from '../decode/index.ts';
import { wat } from '../decode/testing/wat.ts';
import { compose, describeExterns } from './index.ts';
import { dummy } from './testing/dummy.ts';

/** Two dependencies over one host; `left` and `right` are what each knows of it. */
async function diamond(left: string, right: string): Promise<Uint8Array> {
  const apis = 'interface a { fa: func(); }\ninterface b { fb: func(); }';
  const world = (host: string, text: string): string => `package test:host@1.0.0;
    interface io { resource pipe { read: func() -> u8; } open: func() -> pipe; }
    interface host { ${host} }
    ${apis}
    ${text}`;
  const [root, one, other] = await Promise.all([
    dummy(world('x: func();', 'world root { import a; import b; }'), 'root'),
    dummy(world(left, 'world one { import host; export a; }'), 'one'),
    dummy(world(right, 'world other { import host; export b; }'), 'other'),
  ]);
  return compose(
    root,
    [
      { name: 'one', bytes: one, deny: () => false },
      { name: 'other', bytes: other, deny: () => false },
    ],
    [
      { import: 'test:host/a@1.0.0', dependency: 0, export: 'test:host/a@1.0.0' },
      { import: 'test:host/b@1.0.0', dependency: 1, export: 'test:host/b@1.0.0' },
    ],
  );
}

const versioned = (version: string): string => `package test:host@${version};
  interface host { f: func(); }
  interface a { fa: func(); }
  world root { import host; import a; }
  world one { import host; export a; }`;

const importsOf = (bytes: Uint8Array): string[] =>
  decodeComponent(bytes)
    .imports.map((one) => `${one.interface} ${one.name}`)
    .toSorted();

describe('an interface that two dependencies import', () => {
  it('is imported once, with the functions and types of both', async () => {
    const bytes = await diamond(
      'record r { x: u8 } enum e { a, b } f: func(r: r) -> e; g: func();',
      'flags l { a } record r { x: u8 } f2: func(r: list<r>) -> l; g: func();',
    );
    expect(decodeComponent(bytes).importedInterfaces).toEqual(['test:host/host@1.0.0']);
    expect(importsOf(bytes)).toEqual(['test:host/host@1.0.0 f', 'test:host/host@1.0.0 f2', 'test:host/host@1.0.0 g']);
    await componentWit(bytes);
  });

  it('has one resource type, in its own interface and in those that use it', async () => {
    const bytes = await diamond(
      'use io.{pipe}; f: func(s: pipe);',
      'use io.{pipe as other}; g: func(s: borrow<other>) -> other;',
    );
    const plan = decodeComponent(bytes);
    expect(plan.resources.filter(({ name }) => name === 'pipe')).toHaveLength(1);
    expect(plan.importedInterfaces).toEqual(['test:host/io@1.0.0', 'test:host/host@1.0.0']);
    await componentWit(bytes);
  });

  it.each([
    ['f: func(x: u8);', 'f: func(x: u16);', 'function "f", parameter "x" is u8 in one and u16 in the other'],
    ['f: func(x: u8);', 'f: func(y: u8);', 'function "f" is func(x: u8) in one and func(y: u8) in the other'],
    ['f: func();', 'f: func() -> u8;', 'function "f" is func() in one and func() -> u8 in the other'],
    [
      'record r { x: u8 } f: func(r: r);',
      'record r { x: option<u8> } f: func(r: r);',
      'type "r", field "x" is u8 in one and option<u8> in the other',
    ],
    [
      'enum e { a } f: func(e: e);',
      'enum e { a, b } f: func(e: e);',
      'type "e" is enum { a } in one and enum { a, b } in the other',
    ],
    [
      'resource pipe; f: func(s: pipe);',
      'use io.{pipe}; f: func(s: pipe);',
      'type "pipe" is the resource "pipe" of "test:host/host@1.0.0" in one and another resource "pipe" of "test:host/io@1.0.0" in the other',
    ],
    [
      'resource e; f: func(e: e);',
      'enum e { a } f: func(e: e);',
      'is the resource "e" of "test:host/host@1.0.0" in one and enum { a } in the other',
    ],
  ])('that mean %s and %s by it is refused', async (left, right, reason) => {
    await expect(diamond(left, right)).rejects.toMatchObject({
      code: 'SPK4070',
      message: expect.stringContaining(
        'import "test:host/host@1.0.0" differs between dependency "one" and dependency "other": ',
      ),
    });
    await expect(diamond(left, right)).rejects.toThrow(reason);
  });

  it('is two imports where the versions differ', async () => {
    const bytes = compose(
      await dummy(versioned('1.0.0'), 'root'),
      [{ name: 'one', bytes: await dummy(versioned('1.1.0'), 'one'), deny: () => false }],
      [{ import: 'test:host/a@1.0.0', dependency: 0, export: 'test:host/a@1.1.0' }],
    );
    expect(decodeComponent(bytes).importedInterfaces).toEqual(['test:host/host@1.0.0', 'test:host/host@1.1.0']);
    await componentWit(bytes);
  });
});

const circle = (interfaces: string): string => `package test:circle;
  ${interfaces}
  world root { import x; import y; }`;

it('an import under a name of its own keeps the interface that it stands for', async () => {
  const bytes = compose(
    await wat('(component (import "primary" (implements "test:kv/store@0.2.0") (instance (export "get" (func)))))'),
    [],
    [],
  );
  expect(decodeComponent(bytes).importedInterfaces).toEqual(['test:kv/store@0.2.0']);
  expect(describeExterns(bytes).imports).toEqual([{ name: 'primary', kind: 'instance' }]);
});

it('two interfaces that use each other, once by one component and once by another, are refused', async () => {
  const one = await dummy(
    circle('interface y { enum t { a } f: func(t: t); } interface x { use y.{t}; g: func(t: t); }'),
    'root',
  );
  const other = await dummy(
    circle('interface x { enum u { b } h: func(u: u); } interface y { use x.{u}; i: func(u: u); }'),
    'root',
  );
  expect(() => compose(one, [{ name: 'd', bytes: other, deny: () => false }], [])).toThrow(
    'the types of the import "test:circle/y" depend on each other in a circle',
  );
});

/** A component that gives a resource of the host to another, with another interface of the host in the same version. */
const handing = (version: string, more = ''): string => `package test:api;
  interface api { use test:io/pipes@${version}.{pipe}; open: func() -> pipe; }
  world root { import api; import test:io/poll@${version}; export run: func(); }
  world dependency { import test:io/poll@${version}; export api; }
  package test:io@${version} {
    interface errors { resource error; }
    interface pipes { use errors.{error}; resource pipe { read: func() -> result<u8, error>; ${more} } }
    interface poll { tick: func(); }
  }`;
const handedOn = async (root: string, dependency: string): Promise<Uint8Array> =>
  compose(
    await dummy(root, 'root'),
    [{ name: 'd', bytes: await dummy(dependency, 'dependency'), deny: () => false }],
    [{ import: 'test:api/api', dependency: 0, export: 'test:api/api' }],
  );

describe('a resource of the host that goes from one component to another', () => {
  it('is of the newest version that is compatible, and the rest stays as it is', async () => {
    const bytes = await handedOn(handing('0.2.4'), handing('0.2.12', 'write: func(x: u8);'));
    await componentWit(bytes);
    const plan = decodeComponent(bytes);
    expect(plan.importedInterfaces.toSorted()).toEqual([
      'test:io/errors@0.2.12',
      'test:io/pipes@0.2.12',
      'test:io/poll@0.2.12',
      'test:io/poll@0.2.4',
    ]);
    expect(plan.resources.filter(({ name }) => name === 'pipe')).toHaveLength(1);
  });

  it('is another where the versions are not compatible', async () => {
    await expect(handedOn(handing('0.2.4'), handing('0.3.0'))).rejects.toThrow(
      'is another resource "pipe" of "test:io/pipes@0.3.0" where the resource "pipe" of "test:io/pipes@0.2.4" is asked for',
    );
  });
});
