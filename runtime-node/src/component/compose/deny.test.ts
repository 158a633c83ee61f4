import { componentWit } from '@bytecodealliance/jco';
import { describe, expect, it } from 'vitest';
import { decodeComponent } from '../decode/index.ts';
import { wat } from '../decode/testing/wat.ts';
import { prepareComponent } from '../prepare/index.ts';
import { linkComponent } from '../link/index.ts';
import type { ComponentInstance } from '../api.ts';
import { plain } from '../host-interface.ts';
import { compose } from './index.ts';

/** Exports `go`, which calls the import `f` (of `signature`) when it is given 1. */
const caller = (imports: string, func: string): string => `(component
  ${imports}
  (core module $mem (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $mem (instantiate $mem))
  (alias core export $mem "memory" (core memory $memory))
  (core func $f (canon lower ${func} (memory $memory) (realloc (core func $mem "realloc"))))
  (core module $m
    (import "host" "f" (func $f (param i32 i32 i32)))
    (func (export "go") (param i32) (result i32)
      (if (i32.eq (local.get 0) (i32.const 1)) (then (call $f (i32.const 0) (i32.const 5) (i32.const 64))))
      (i32.const 7)))
  (core instance $i (instantiate $m (with "host" (instance (export "f" (func $f))))))
  (func $go (param "x" u32) (result u32) (canon lift (core func $i "go")))
  (instance $api (export "go" (func $go)))
  (export "test:x/api" (instance $api)))`;

class Store {
  readonly name = 'store';
}

const USER = `(component
  (import "test:x/api" (instance $a (export "go" (func (param "x" u32) (result u32)))))
  (core func $go (canon lower (func $a "go")))
  (core module $m (import "host" "go" (func $go (param i32) (result i32)))
    (func (export "run") (param i32) (result i32) (call $go (local.get 0))))
  (core instance $i (instantiate $m (with "host" (instance (export "go" (func $go))))))
  (func (export "run") (param "x" u32) (result u32) (canon lift (core func $i "run"))))`;

const PLUG = [{ import: 'test:x/api', dependency: 0, export: 'test:x/api' }];

async function composed(dependency: string, denied: readonly string[]): Promise<Uint8Array> {
  const bytes = await wat(dependency);
  return compose(await wat(USER), [{ name: 'x', bytes, deny: (name) => denied.includes(name) }], PLUG);
}

async function instance(
  bytes: Uint8Array,
  hosts: Parameters<typeof linkComponent>[1] = new Map(),
): Promise<ComponentInstance> {
  return linkComponent(await prepareComponent(bytes), hosts).instantiate({}, 'plain');
}

const KEY_VALUE = `(import "test:kv/store" (instance $kv
  (export "store" (type $store (sub resource)))
  (type $e (variant (case "none") (case "other" string)))
  (export "error" (type $error (eq $e)))
  (type $b (borrow $store)) (type $o (own $store)) (type $r (result $o (error $error)))
  (export "[static]store.open" (func (param "label" string) (result $r)))
  (type $l (list u8)) (type $g (result $l (error $error)))
  (export "[method]store.get" (func (param "self" $b) (param "key" string) (result $g)))))`;

describe('what a dependency is not granted', () => {
  const dependency = caller(KEY_VALUE, '(func $kv "[static]store.open")');

  it('is not imported, and traps when it is called and not before', async () => {
    const bytes = await composed(dependency, ['test:kv/store']);
    expect(await componentWit(bytes)).not.toContain('test:kv');
    expect(decodeComponent(bytes).importedInterfaces).toEqual([]);
    const linked = await instance(bytes);
    expect(linked.call('', 'run', [0])).toBe(7);
    expect(() => linked.call('', 'run', [1])).toThrow('unreachable');
  });

  it('is imported when it is granted', async () => {
    const bytes = await composed(dependency, []);
    expect(await componentWit(bytes)).toContain('import test:kv/store;');
    const labels: string[] = [];
    const open = (_guest: unknown, label: string): unknown => (
      labels.push(label),
      { tag: 'err', val: { tag: 'none' } }
    );
    const host = { functions: { '[static]store.open': plain(open) }, resources: { store: Store } };
    const linked = await instance(bytes, new Map([['test:kv/store', host]]));
    expect(linked.call('', 'run', [1])).toBe(7);
    expect(labels).toEqual(['\0'.repeat(5)]);
  });

  it('may name resources of the host', async () => {
    const text = caller(
      `(import "test:io/poll" (instance $poll (export "pollable" (type (sub resource)))))
       (alias export $poll "pollable" (type $p))
       (import "test:net/out" (instance $out
         (alias outer 1 $p (type $q)) (export "pollable" (type $pollable (eq $q)))
         (type $o (own $pollable)) (type $r (result $o (error string)))
         (export "send" (func (param "to" string) (result $r)))))`,
      '(func $out "send")',
    );
    const bytes = await composed(text, ['test:net/out']);
    expect(await componentWit(bytes)).toContain('import test:io/poll;');
    expect(decodeComponent(bytes).importedInterfaces).toEqual(['test:io/poll']);
    const poll = { functions: {}, resources: { pollable: Store } };
    const linked = await instance(bytes, new Map([['test:io/poll', poll]]));
    expect(linked.call('', 'run', [0])).toBe(7);
    expect(() => linked.call('', 'run', [1])).toThrow('unreachable');
  });

  it('takes along what speaks of its resources, and leaves what only shares values', async () => {
    const text = caller(
      `${KEY_VALUE}
       (alias export $kv "store" (type $s))
       (alias export $kv "error" (type $e))
       (import "test:kv/atomics" (instance $at
         (alias outer 1 $s (type $t)) (export "store" (type $store (eq $t)))
         (type $b (borrow $store))
         (export "add" (func (param "to" $b)))))
       (import "test:kv/info" (instance $info
         (alias outer 1 $e (type $t)) (export "error" (type $error (eq $t)))
         (type $r (result string (error $error)))
         (export "last" (func (param "of" string) (result $r)))))`,
      '(func $info "last")',
    );
    const bytes = await composed(text, ['test:kv/store']);
    expect(decodeComponent(bytes).importedInterfaces).toEqual(['test:kv/info']);
    expect(await componentWit(bytes)).toContain('import test:kv/info;');
    const answer = { tag: 'err', val: { tag: 'other', val: 'x' } };
    const info = { functions: { last: plain(() => answer) }, resources: {} };
    const linked = await instance(bytes, new Map([['test:kv/info', info]]));
    expect(linked.call('', 'run', [1])).toBe(7);
  });

  it('may be a function by itself', async () => {
    const bytes = await composed(
      caller('(import "out" (func $out (param "x" string) (result string)))', '(func $out)'),
      ['out'],
    );
    expect(decodeComponent(bytes).imports).toEqual([]);
    await componentWit(bytes);
    const linked = await instance(bytes);
    expect(linked.call('', 'run', [0])).toBe(7);
    expect(() => linked.call('', 'run', [1])).toThrow('unreachable');
  });
});
