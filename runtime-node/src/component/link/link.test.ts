import { describe, expect, it } from 'vitest';
import type { ComponentPlan } from '../plan.ts';
import { linkComponent } from './link.ts';
import { instantiateWat, linkWat } from './testing/wat.ts';

/** Imports two functions of each of two interfaces and a resource, and lowers one function of each. */
const IMPORTER = `(component
  (import "test:one/a@0.2.3" (instance $a
    (export "thing" (type $thing (sub resource)))
    (export "used" (func (param "x" u32) (result u32)))
    (export "unused" (func))))
  (import "test:two/b@1.2.0" (instance $b (export "used" (func)) (export "unused" (func))))
  (alias export $a "thing" (type $thing))
  (core func $a (canon lower (func $a "used")))
  (core func $b (canon lower (func $b "used")))
  (core func $drop (canon resource.drop $thing))
  (core module $m
    (import "host" "a" (func $a (param i32) (result i32)))
    (import "host" "b" (func $b))
    (import "host" "drop" (func $drop (param i32)))
    (func (export "run") (param i32) (result i32) (call $b) (call $a (local.get 0))))
  (core instance $i (instantiate $m (with "host" (instance
    (export "a" (func $a)) (export "b" (func $b)) (export "drop" (func $drop))))))
  (func (export "run") (param "x" u32) (result u32) (canon lift (core func $i "run"))))`;

class Thing {
  readonly name = 'thing';
}

describe('linking', () => {
  it('binds what is used and does not ask for the rest', async () => {
    const linked = await linkWat(IMPORTER, {
      'test:one/a@0.2.9': { functions: { used: (x: number) => x + 1 }, resources: { thing: Thing } },
      'test:two/b@1.0.0': { functions: { used: () => undefined } },
    });
    expect(linked.instantiate({}, 'plain').call('', 'run', [4])).toBe(5);
    expect(linked.neverWaits).toBe(true);
    expect(linked.exports).toEqual(new Map([['', ['run']]]));
  });

  it('names all that is missing in one error', async () => {
    const hosts = { 'test:one/a@0.2.9': {}, 'test:two/b@2.0.0': { functions: { used: () => undefined } } };
    await expect(linkWat(IMPORTER, hosts)).rejects.toMatchObject({
      name: 'UserError',
      message:
        'component "test" imports what this runtime does not provide: function "used" of "test:one/a@0.2.3", ' +
        'interface "test:two/b@1.2.0" (there is test:two/b@2.0.0), resource "thing" of "test:one/a@0.2.3"',
      remedy: expect.stringContaining('Build the component'),
    });
  });

  it('does not take an inherited property for a function of the host', async () => {
    const text = `(component
      (import "test:one/a" (instance $a (export "constructor" (func))))
      (core func (canon lower (func $a "constructor"))))`;
    await expect(linkWat(text, { 'test:one/a': {} })).rejects.toThrow('function "constructor" of "test:one/a"');
  });

  it('says whether any import that it can call waits', async () => {
    const linked = await linkWat(IMPORTER, {
      'test:one/a@0.2.9': { waiting: { used: (x: number) => x }, resources: { thing: Thing } },
      'test:two/b@1.0.0': { functions: { used: () => undefined } },
    });
    expect(linked.neverWaits).toBe(false);
  });

  it('lists exported interfaces and root functions', async () => {
    const linked = await linkWat(`(component
      (core module $m (func (export "f")))
      (core instance $i (instantiate $m))
      (func $f (canon lift (core func $i "f")))
      (instance $x (export "g" (func $f)) (export "h" (func $f)))
      (export "test:a/x@1.0.0" (instance $x))
      (export "f" (func $f)))`);
    expect(linked.exports).toEqual(
      new Map([
        ['test:a/x@1.0.0', ['g', 'h']],
        ['', ['f']],
      ]),
    );
  });

  it('lets a component export what it imports', async () => {
    const text = `(component
      (import "test:a/x" (instance $x (export "f" (func (param "n" u32) (result u32)))))
      (export "test:a/y" (instance $x)))`;
    const hosts = { 'test:a/x': { functions: { f: (n: number) => n * 2 } } };
    expect((await instantiateWat(text, hosts)).call('test:a/y', 'f', [21])).toBe(42);
    await expect((await instantiateWat(text, hosts, 'suspending')).call('test:a/y', 'f', [21])).resolves.toBe(42);
    await expect(linkWat(text)).rejects.toThrow(/interface "test:a\/x"/);
  });
});

describe('a plan that cannot be right', () => {
  const empty: ComponentPlan = {
    types: [{ kind: 'list', element: 'u8' }],
    funcTypes: [
      { params: [], result: 0 },
      { params: [], result: 'string' },
    ],
    resources: [],
    modules: [],
    instanceCount: 1,
    imports: [],
    importedInterfaces: [],
    trampolines: [],
    lifts: [],
    steps: [],
    exports: {},
  };
  const options = { memory: null, realloc: null, postReturn: null, encoding: 'utf8' } as const;
  const memory = { from: 'instance', instance: 0, name: 'memory' } as const;
  const core = { from: 'instance', instance: 0, name: 'f' } as const;

  it.each<[string, Partial<ComponentPlan>]>([
    [
      'it lifts a function that passes values through memory without naming a memory',
      { lifts: [{ core, type: 0, options, instance: 0 }] },
    ],
    [
      'it lowers a function that makes the host allocate memory without naming a realloc function',
      {
        imports: [{ interface: 'a:b/c', name: 'f', type: 0 }],
        trampolines: [
          {
            kind: 'lower',
            target: { from: 'import', import: 0 },
            type: 0,
            options: { ...options, memory },
            instance: 0,
          },
        ],
      },
    ],
    [
      'it lowers function 0 of another component instance with another type than it has',
      {
        lifts: [{ core, type: 0, options: { ...options, memory }, instance: 0 }],
        trampolines: [
          {
            kind: 'lower',
            target: { from: 'lift', lift: 0 },
            type: 1,
            options: { ...options, memory, realloc: core },
            instance: 0,
          },
        ],
      },
    ],
    ['there is no function type 9', { lifts: [{ core, type: 9, options, instance: 0 }] }],
    ['there is no resource type 2', { trampolines: [{ kind: 'resource.new', resource: 2, instance: 0 }] }],
  ])('is refused: %s', (what, part) => {
    const hosts = new Map([['a:b/c', { functions: { f: { call: () => undefined, waits: false } }, resources: {} }]]);
    const prepared = { digest: 'sha256:0', plan: { ...empty, ...part }, modules: [], data: new Map(), facts: [] };
    expect(() => linkComponent(prepared, hosts, { name: 'broken' })).toThrow(
      expect.objectContaining({ name: 'UserError', message: `component "broken" is invalid: ${what}` }),
    );
  });
});
