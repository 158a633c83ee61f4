// Nested components: instantiated where the text says so, with what they are given, each with resources of its own.
import { describe, expect, it } from 'vitest';
import { planOf } from '../testing/wat.ts';

/** A component that defines a resource, and functions to make one and to look into it. */
const COUNTER = `
  (component $counter
    (core module $m
      (func (export "dtor") (param i32))
      (func (export "get") (param i32) (result i32) (local.get 0)))
    (core instance $i (instantiate $m))
    (type $r' (resource (rep i32) (dtor (core func $i "dtor"))))
    (export $r "counter" (type $r'))
    (core func $new (canon resource.new $r))
    (func $make (result (own $r)) (canon lift (core func $new)))
    (func $make2 (param "start" u32) (result (own $r)) (canon lift (core func $new)))
    (func $get (param "self" (borrow $r)) (result u32) (canon lift (core func $i "get")))
    (export "make" (func $make2))
    (export "[method]counter.get" (func $get)))`;

/** Passes a function of the host's instance on, which exports f and g, through a component that imports f only. */
const passOn = (name: string): string => `(component
  (import "host" (instance $host (export "f" (func)) (export "g" (func))))
  (component $c
    (import "host" (instance $host (export "f" (func))))
    (export "f" (func $host "${name}")))
  (instance $i (instantiate $c (with "host" (instance $host))))
  (export "i" (instance $i)))`;

describe('nested components', () => {
  it('get a handle table and resource types of their own each time they are instantiated', async () => {
    const plan = await planOf(`(component ${COUNTER}
      (instance $a (instantiate $counter))
      (instance $b (instantiate $counter))
      (export "a" (instance $a))
      (export "b" (instance $b)))`);
    expect(plan.instanceCount).toBe(3);
    expect(plan.modules).toHaveLength(1);
    expect(plan.steps).toEqual([
      { module: 0, imports: {} },
      { module: 0, imports: {} },
    ]);
    expect(plan.resources).toEqual([
      { origin: 'guest', instance: 1, destructor: { from: 'instance', instance: 0, name: 'dtor' }, name: 'counter' },
      { origin: 'guest', instance: 2, destructor: { from: 'instance', instance: 1, name: 'dtor' }, name: 'counter' },
    ]);
    expect(plan.trampolines).toEqual([
      { kind: 'resource.new', resource: 0, instance: 1 },
      { kind: 'resource.new', resource: 1, instance: 2 },
    ]);
    expect(Object.keys(plan.exports)).toEqual(['a', 'b']);
    expect(plan.exports['b']).toMatchObject({
      kind: 'instance',
      exports: { make: { kind: 'func', target: { from: 'lift', lift: 4 } } },
    });
    expect(plan.lifts[4]).toMatchObject({ core: { from: 'trampoline', trampoline: 1 }, instance: 2 });
    // The same text, but of different resources, so of different types.
    expect(plan.lifts[4]?.type).not.toBe(plan.lifts[1]?.type);
  });

  it('share a resource when one is given the type of the other', async () => {
    const plan = await planOf(`(component ${COUNTER}
      (component $user
        (import "counter" (type $r (sub resource)))
        (import "make" (func $make (param "start" u32) (result (own $r))))
        (core func $make (canon lower (func $make)))
        (core func $drop (canon resource.drop $r))
        (core module $m
          (import "c" "make" (func $make (param i32) (result i32)))
          (import "c" "drop" (func $drop (param i32)))
          (func (export "run") (call $drop (call $make (i32.const 7)))))
        (core instance $i (instantiate $m
          (with "c" (instance (export "make" (func $make)) (export "drop" (func $drop))))))
        (func (export "run") (canon lift (core func $i "run"))))
      (instance $a (instantiate $counter))
      (alias export $a "counter" (type $r))
      (instance $b (instantiate $user
        (with "counter" (type $r))
        (with "make" (func $a "make"))))
      (export "run" (func $b "run")))`);
    expect(plan.resources).toHaveLength(1);
    expect(plan.imports).toEqual([]);
    const lower = plan.trampolines.find((trampoline) => trampoline.kind === 'lower');
    expect(lower).toMatchObject({ target: { from: 'lift', lift: 1 }, instance: 2, type: plan.lifts[1]?.type });
    expect(plan.trampolines).toContainEqual({ kind: 'resource.drop', resource: 0, instance: 2 });
    expect(plan.steps[1]?.imports).toEqual({
      c: { make: { from: 'trampoline', trampoline: 1 }, drop: { from: 'trampoline', trampoline: 2 } },
    });
  });

  it('reach modules, components and types of the scopes around them through outer aliases', async () => {
    const plan = await planOf(`(component $top
      (core module $m (func (export "f") (result i32) (i32.const 1)))
      (type $pair (tuple u8 u8))
      (component $leaf
        (core instance $i (instantiate $m))
        (func (export "f") (result u32) (canon lift (core func $i "f"))))
      (component $middle
        (component $inner
          (import "g" (func (param "p" $pair)))
          (instance $l (instantiate $leaf))
          (export "f" (func $l "f")))
        (import "g" (func $g (param "p" $pair)))
        (instance $i (instantiate $inner (with "g" (func $g))))
        (export "f" (func $i "f")))
      (import "g" (func $g (param "p" $pair)))
      (instance $i (instantiate $middle (with "g" (func $g))))
      (export "f" (func $i "f")))`);
    expect(plan.instanceCount).toBe(4);
    expect(plan.types).toEqual([{ kind: 'tuple', elements: ['u8', 'u8'] }]);
    expect(plan.steps).toEqual([{ module: 0, imports: {} }]);
    expect(plan.lifts).toMatchObject([{ instance: 3, core: { from: 'instance', instance: 0, name: 'f' } }]);
    expect(plan.exports).toEqual({ f: { kind: 'func', target: { from: 'lift', lift: 0 }, type: plan.lifts[0]?.type } });
  });

  it('can be given modules and components to instantiate', async () => {
    const plan = await planOf(`(component
      (core module $m (func (export "f")))
      (component $c
        (import "again" (component $again (export "f" (func))))
        (import "module" (core module $m (export "f" (func))))
        (core instance $i (instantiate $m))
        (func $f (canon lift (core func $i "f")))
        (instance $a (instantiate $again))
        (export "mine" (func $f))
        (export "other" (func $a "f")))
      (component $d
        (core module $n (func (export "f")))
        (core instance $i (instantiate $n))
        (func (export "f") (canon lift (core func $i "f"))))
      (instance $i (instantiate $c (with "module" (core module $m)) (with "again" (component $d))))
      (export "i" (instance $i)))`);
    expect(plan.steps.map((step) => step.module)).toEqual([0, 1]);
    expect(plan.exports).toMatchObject({
      i: { exports: { mine: { target: { lift: 0 } }, other: { target: { lift: 1 } } } },
    });
    expect(plan.lifts.map((lift) => lift.instance)).toEqual([1, 2]);
  });

  it('see of an instance only what they import of it', async () => {
    expect((await planOf(passOn('f'))).imports).toMatchObject([{ interface: 'host', name: 'f' }]);
    await expect(planOf(passOn('g'))).rejects.toThrow('exports no function "g"');
  });
});
