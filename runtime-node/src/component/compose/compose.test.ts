import { componentWit } from '@bytecodealliance/jco';
import { describe, expect, it } from 'vitest';
import { decodeComponent } from '../decode/index.ts';
import { wat } from '../decode/testing/wat.ts';
import { waiting } from '../host-interface.ts';
import { prepareComponent } from '../prepare/index.ts';
import { linkComponent } from '../link/index.ts';
import { compose } from './index.ts';

const ADDER = `(component
  (core module $m (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
  (core instance $i (instantiate $m))
  (func $f (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
  (instance $x (export "add" (func $f)))
  (export "test:math/add@1.0.0" (instance $x)))`;

const USER = `(component
  (import "test:math/add@1.0.0" (instance $a (export "add" (func (param "a" u32) (param "b" u32) (result u32)))))
  (core func $add (canon lower (func $a "add")))
  (core module $m (import "host" "add" (func $add (param i32 i32) (result i32)))
    (func (export "run") (param i32) (result i32) (call $add (local.get 0) (i32.const 1))))
  (core instance $i (instantiate $m (with "host" (instance (export "add" (func $add))))))
  (func (export "run") (param "x" u32) (result u32) (canon lift (core func $i "run"))))`;

const PLUG = { import: 'test:math/add@1.0.0', dependency: 0, export: 'test:math/add@1.0.0' };

describe('composing', () => {
  it('gives an import of the root the export of a dependency', async () => {
    const whole = compose(await wat(USER), [{ name: 'adder', bytes: await wat(ADDER), deny: () => false }], [PLUG]);
    expect(await componentWit(whole)).toContain('export run: func(x: u32) -> u32;');
    expect(decodeComponent(whole).importedInterfaces).toEqual([]);
    const linked = linkComponent(await prepareComponent(whole), new Map());
    expect(linked.instantiate({}, 'plain').call('', 'run', [41])).toBe(42);
  });

  it('lets a dependency wait for the host while the root waits for it', async () => {
    const asking = `(component
      (import "test:host/ask" (instance $ask (export "ask" (func (param "x" u32) (result u32)))))
      (core func $ask (canon lower (func $ask "ask")))
      (core module $m (import "host" "ask" (func $ask (param i32) (result i32)))
        (func (export "add") (param i32 i32) (result i32) (i32.add (call $ask (local.get 0)) (local.get 1))))
      (core instance $i (instantiate $m (with "host" (instance (export "ask" (func $ask))))))
      (func $f (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
      (instance $x (export "add" (func $f)))
      (export "test:math/add@1.0.0" (instance $x)))`;
    const whole = compose(await wat(USER), [{ name: 'asking', bytes: await wat(asking), deny: () => false }], [PLUG]);
    const ask = waiting(async (_guest: unknown, x: number) => x * 10);
    const host = { functions: { ask }, resources: {} };
    const linked = linkComponent(await prepareComponent(whole), new Map([['test:host/ask', host]]));
    expect(linked.neverWaits).toBe(false);
    await expect(linked.instantiate({}, 'suspending').call('', 'run', [4])).resolves.toBe(41);
  });
});
