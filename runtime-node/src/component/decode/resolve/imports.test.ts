import { describe, expect, it } from 'vitest';
import { planOf } from '../testing/wat.ts';

describe('imports', () => {
  it('lists every interface in order, and of functions those that something uses', async () => {
    const plan = await planOf(`(component
      (import "b:b/unused@1.0.0" (instance (export "f" (func))))
      (import "a:a/used@0.2.3" (instance $a (export "f" (func)) (export "g" (func))))
      (import "plain" (func $plain (param "x" u32)))
      (import "later" (instance))
      (core func $plain (canon lower (func $plain)))
      (core func (canon lower (func $a "g")))
      (core func (canon lower (func $plain))))`);
    expect(plan.importedInterfaces).toEqual(['b:b/unused@1.0.0', 'a:a/used@0.2.3', 'later']);
    expect(plan.imports).toEqual([
      { interface: '', name: 'plain', type: 1 },
      { interface: 'a:a/used@0.2.3', name: 'g', type: 0 },
    ]);
    expect(plan.trampolines.map((trampoline) => trampoline.kind === 'lower' && trampoline.target)).toEqual([
      { from: 'import', import: 0 },
      { from: 'import', import: 1 },
      { from: 'import', import: 0 },
    ]);
  });

  it('makes one resource type of each identity, however many interfaces export it', async () => {
    const plan = await planOf(`(component
      (import "a:a/io" (instance $io (export "error" (type (sub resource))) (export "other" (type (sub resource)))))
      (alias export $io "error" (type $error))
      (import "a:a/http" (instance $http
        (alias outer 1 $error (type $e))
        (export "error" (type (eq $e)))
        (export "io-error" (type (eq $e)))
        (export "fields" (type (sub resource)))))
      (import "alone" (type $alone (sub resource)))
      (import "same" (type $same (eq $alone)))
      (core func (canon resource.drop (type $http "io-error")))
      (core func (canon resource.drop (type $http "fields")))
      (core func (canon resource.drop $same)))`);
    expect(plan.resources).toEqual([
      { origin: 'import', interface: 'a:a/io', name: 'error' },
      { origin: 'import', interface: 'a:a/io', name: 'other' },
      { origin: 'import', interface: 'a:a/http', name: 'fields' },
      { origin: 'import', interface: '', name: 'alone' },
    ]);
    expect(plan.trampolines.map((trampoline) => 'resource' in trampoline && trampoline.resource)).toEqual([0, 2, 3]);
  });

  it('takes two imports of one resource name in different interfaces for two types', async () => {
    const plan = await planOf(`(component
      (import "a:a/x" (instance $x (export "r" (type (sub resource)))))
      (import "a:a/y" (instance $y (export "r" (type (sub resource)))))
      (alias export $x "r" (type $xr))
      (alias export $y "r" (type $yr))
      (import "f" (func $f (param "a" (own $xr)) (param "b" (own $yr))))
      (core func (canon lower (func $f))))`);
    expect(plan.types).toEqual([
      { kind: 'own', resource: 0 },
      { kind: 'own', resource: 1 },
    ]);
  });

  it('completes a version by its suffix, and asks the host for the interface that a name stands for', async () => {
    const plan = await planOf(`(component
      (import "a:b/c@0.2" (versionsuffix ".3") (instance))
      (import "primary" (implements "wasi:keyvalue/store@0.2.0") (instance $kv (export "get" (func))))
      (export "get" (func $kv "get")))`);
    expect(plan.importedInterfaces).toEqual(['a:b/c@0.2.3', 'wasi:keyvalue/store@0.2.0']);
    expect(plan.imports).toEqual([{ interface: 'wasi:keyvalue/store@0.2.0', name: 'get', type: 0 }]);
  });

  it('reads the form of names that encoders wrote until 2024', async () => {
    const { decodeComponent } = await import('../index.ts');
    const bytes = Uint8Array.from(
      [
        [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0],
        [7, 3, 1, 0x42, 0], // type 0: (instance)
        [10, 7, 1, 0x01, 2, 0x61, 0x62, 5, 0], // import, form 1, "ab", instance of type 0
      ].flat(),
    );
    expect(decodeComponent(bytes).importedInterfaces).toEqual(['ab']);
  });

  it.each([
    ['a core module', '(import "m" (core module))', 'the import of a core module ("m") is not supported yet'],
    ['a component', '(import "c" (component))', 'the import of a component ("c") is not supported yet'],
    [
      'an instance within an instance',
      '(import "a:b/c" (instance (export "inner" (instance))))',
      'an instance within the imported instance "a:b/c" ("inner") is not supported yet',
    ],
  ])('refuses %s by name', async (_, text, message) => {
    await expect(planOf(`(component ${text})`)).rejects.toThrow(message);
  });
});

describe('exports', () => {
  it('passes an imported function and a whole imported interface on', async () => {
    const plan = await planOf(`(component
      (import "a:a/b" (instance $b (export "r" (type $r (sub resource))) (export "f" (func)) (export "g" (func))))
      (import "h" (func $h))
      (export "again" (func $h))
      (export "a:a/b" (instance $b)))`);
    expect(plan.exports).toEqual({
      again: { kind: 'func', target: { from: 'import', import: 0 }, type: 0 },
      'a:a/b': {
        kind: 'instance',
        exports: {
          f: { kind: 'func', target: { from: 'import', import: 1 }, type: 0 },
          g: { kind: 'func', target: { from: 'import', import: 2 }, type: 0 },
        },
      },
    });
  });

  it('may be instances put together from anything, within each other', async () => {
    const plan = await planOf(`(component
      (import "f" (func $f))
      (instance $inner (export "f" (func $f)))
      (instance $outer (export "inner" (instance $inner)) (export "g" (func $f)))
      (export "o" (instance $outer)))`);
    const func = { kind: 'func', target: { from: 'import', import: 0 }, type: 0 };
    expect(plan.exports).toEqual({
      o: { kind: 'instance', exports: { inner: { kind: 'instance', exports: { f: func } }, g: func } },
    });
  });

  it('shows no more of an instance than the type that is written at the export', async () => {
    const plan = await planOf(`(component
      (import "i" (instance $i (export "f" (func)) (export "g" (func))))
      (export "i" (instance $i) (instance (export "f" (func)))))`);
    expect(plan.exports).toMatchObject({ i: { exports: { f: {} } } });
    expect(plan.exports).not.toMatchObject({ i: { exports: { g: {} } } });
  });

  it('keeps names that mean something to JavaScript objects', async () => {
    const plan = await planOf(`(component
      (core module $m (func (import "__proto__" "constructor")) (func (export "__proto__")))
      (core module $n (func (export "constructor")))
      (core instance $n (instantiate $n))
      (core instance $m (instantiate $m (with "__proto__" (instance $n))))
      (func $f (canon lift (core func $m "__proto__")))
      (export "constructor" (func $f)))`);
    expect(Object.entries(plan.steps[1]?.imports ?? {})).toEqual([
      ['__proto__', { constructor: { from: 'instance', instance: 0, name: 'constructor' } }],
    ]);
    expect(Object.keys(plan.exports)).toEqual(['constructor']);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });
});
