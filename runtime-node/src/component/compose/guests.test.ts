// Real components composed and run: Rust with all of WASI, under the runtime's own host, in each way to put them back.
import { componentWit, parse, transpile } from '@bytecodealliance/jco';
import { describe, expect, it } from 'vitest';
import { openWasiHost } from '../../../../test/differential/wasi-host.ts';
import { engineOf, modesHere, type Engine } from '../../../../test/engine/engines.ts';
import { fixture } from '../../../../test/guests/fixtures.ts';
import type { Guest } from '../../host/guest.ts';
import type { ComponentInstance } from '../api.ts';
import { decodeComponent } from '../decode/index.ts';
import { prepareComponent } from '../prepare/index.ts';
import type { ResetMode } from '../reset/index.ts';
import { compose, type Plug } from './index.ts';

const SHELVES = 'test:library/shelves@1.0.0';
const SCRIBE = 'test:library/scribe@1.0.0';
const READING = 'test:library/reading@1.0.0';
const KEY_VALUE = 'fermyon:spin/key-value@2.0.0';
const OUTGOING = 'wasi:http/outgoing-handler@0.2.12';

const same = (name: string, dependency: number): Plug => ({ import: name, dependency, export: name });

async function library(...denied: string[]): Promise<Uint8Array> {
  const deny = (name: string): boolean => denied.includes(name);
  return compose(
    await fixture('lreader'),
    [
      { name: 'shelves', bytes: await fixture('lshelves'), deny: () => true },
      { name: 'scribe', bytes: await fixture('lscribe'), deny },
    ],
    [same(SHELVES, 0), same(SCRIBE, 1)],
  );
}

interface Opened extends AsyncDisposable {
  readonly engine: Engine<Guest>;
  readonly stdout: () => string;
  instance(): ComponentInstance;
}

async function open(bytes: Uint8Array, mode: ResetMode = 'copy'): Promise<Opened> {
  const host = await openWasiHost();
  const engine = engineOf(await prepareComponent(bytes), { mode, interfaces: host.interfaces });
  return {
    engine,
    stdout: () => host.output.stdout,
    instance: () => engine.linked.instantiate(host.guest, 'plain'),
    async [Symbol.asyncDispose]() {
      engine[Symbol.dispose]();
      await host.close();
    },
  };
}

const book = (title: string, ...tags: string[]): object => ({
  title,
  tags,
  pages: 2n ** 40n,
  form: { tag: 'at', val: { room: 3, height: 1.5 } },
  size: 'quarto',
  marks: { torn: false, signed: true, firstEdition: true },
  isbn: undefined,
});

describe('a component whose imports two others satisfy', () => {
  it('is valid to other tools, and exports what it did', async () => {
    const bytes = await library();
    const wit = await componentWit(bytes);
    expect(wit).toContain(`export ${READING};`);
    expect(wit).not.toMatch(/import test:library/);
    const { files } = await transpile(bytes, { name: 'library' });
    expect(Object.keys(files)).toContain('library.js');
  });

  it('imports once what all three import of the host', async () => {
    const { importedInterfaces } = decodeComponent(await library(KEY_VALUE));
    expect(importedInterfaces).toEqual([...new Set(importedInterfaces)]);
    expect(importedInterfaces).toContain('wasi:cli/stdout@0.2.12');
    expect(importedInterfaces).not.toContain(KEY_VALUE);
  });

  it('passes every kind of type, results and resources', async () => {
    await using opened = await open(await library());
    const instance = opened.instance();
    const shelved = [book('A', 'x'), book('B', 'y', 'x'), { ...book('C', 'z'), isbn: '1-2' }];
    expect(instance.call(READING, 'read', [shelved, 'x'])).toEqual({ tag: 'ok', val: [shelved[0], shelved[1]] });
    expect(instance.call(READING, 'read', [[shelved[2]], 'z'])).toEqual({ tag: 'ok', val: [shelved[2]] });
    expect(instance.call(READING, 'read', [[book('')], ''])).toEqual({
      tag: 'err',
      val: { tag: 'nameless', val: undefined },
    });
    expect(instance.call(READING, 'read', [[book('A'), book('A')], ''])).toEqual({
      tag: 'err',
      val: { tag: 'twice', val: book('A') },
    });
    const many = ['A', 'B', 'C', 'D', 'E'].map((title) => book(title));
    expect(instance.call(READING, 'read', [many, ''])).toEqual({ tag: 'err', val: { tag: 'full', val: 3 } });
    instance.release();
  });

  it('drops its resources in the component that made them', async () => {
    await using opened = await open(await library());
    const instance = opened.instance();
    instance.call(READING, 'read', [[book('A'), book('B')], '']);
    instance.call(READING, 'read', [[book('A'), book('A')], '']);
    // No shelves, though an error cut the second call short; three books that were put once and two that were moved.
    expect(instance.call(READING, 'count', [])).toEqual([0, 5, 2]);
    instance.release();
  });

  it('writes to one output of the host through both', async () => {
    await using opened = await open(await library());
    expect(opened.instance().call(READING, 'print', [['one', 'two']])).toBe(2);
    expect(opened.stdout()).toBe('> one\n> two\n');
  });

  it.each(modesHere)('is put back with all its memories by %s', async (mode) => {
    await using opened = await open(await library(), mode);
    for (let round = 0; round < 3; round += 1) {
      const instance = opened.instance();
      expect(instance.call(READING, 'count', [])).toEqual([0, 0, 0]);
      expect(instance.call(READING, 'print', [['x']])).toBe(1);
      expect(instance.call(READING, 'read', [[book('A')], ''])).toMatchObject({ tag: 'ok' });
      instance.dispose();
      instance.release();
    }
    expect(opened.engine.linked.instances.failed).toBe(0);
    // `copy` drops memories that have grown, `fresh` all.
    expect(opened.engine.linked.instances.free).toBe(mode === 'pagemap' || mode === 'madvise' ? 1 : 0);
  });
});

describe('a dependency that is denied key-value and outgoing HTTP', () => {
  it('does all else', async () => {
    await using opened = await open(await library(KEY_VALUE, OUTGOING));
    expect(opened.instance().call(READING, 'print', [['one']])).toBe(1);
  });

  it.each(['remember', 'fetch'])('traps when it does %s', async (name) => {
    await using opened = await open(await library(KEY_VALUE, OUTGOING));
    expect(() => opened.instance().call(READING, name, ['example.com'])).toThrow('which it does not inherit');
  });

  it('is answered by the host where it is not denied', async () => {
    await using opened = await open(await library(OUTGOING));
    expect(opened.instance().call(READING, 'remember', ['key'])).toEqual({ tag: 'err', val: 'Error::AccessDenied' });
  });
});

/** Prints one line by the import and gives how many have been printed, and who has been called how often. */
const VISITOR = `(component
  (import "${READING}" (instance $reading
    (export "print" (func (param "lines" (list string)) (result u32)))
    (export "count" (func (result (tuple u32 u32 u32))))))
  (core module $mem (memory (export "memory") 1)
    (data (i32.const 16) "\\20\\00\\00\\00\\03\\00\\00\\00") (data (i32.const 32) "hi!"))
  (core instance $mem (instantiate $mem))
  (core func $print (canon lower (func $reading "print") (memory (core memory $mem "memory"))))
  (core func $count (canon lower (func $reading "count") (memory (core memory $mem "memory"))))
  (core module $m
    (import "host" "print" (func $print (param i32 i32) (result i32)))
    (import "host" "count" (func $count (param i32)))
    (import "mem" "memory" (memory 1))
    (func (export "run") (result i32)
      (local $printed i32)
      (local.set $printed (call $print (i32.const 16) (i32.const 1)))
      (call $count (i32.const 64))
      (i32.add (i32.mul (local.get $printed) (i32.const 100)) (i32.load (i32.const 72)))))
  (core instance $i (instantiate $m
    (with "host" (instance (export "print" (func $print)) (export "count" (func $count)))) (with "mem" (instance $mem))))
  (func $run (result u32) (canon lift (core func $i "run")))
  (export "run" (func $run)))`;

describe('a dependency that is composed itself', () => {
  it('runs within another, and within that', async () => {
    const inner = await library(KEY_VALUE);
    const bytes = compose(
      await parse(VISITOR),
      [{ name: 'reading', bytes: inner, deny: (name) => name === OUTGOING }],
      [same(READING, 0)],
    );
    expect(decodeComponent(bytes).importedInterfaces).not.toContain(OUTGOING);
    expect(await componentWit(bytes)).toContain('export run: func() -> u32;');
    await using opened = await open(bytes);
    expect(opened.instance().call('', 'run', [])).toBe(101);
    expect(opened.instance().call('', 'run', [])).toBe(101);
    expect(opened.stdout()).toBe('> hi!\n> hi!\n');
  });

  it('is held once and instantiated twice where two dependencies are the same component', async () => {
    const bytes = compose(
      await fixture('lreader'),
      [
        { name: 'one', bytes: await library(), deny: () => false },
        { name: 'two', bytes: await fixture('lscribe'), deny: () => false },
        { name: 'three', bytes: await fixture('lscribe'), deny: () => false },
      ],
      [same(SHELVES, 0), same(SCRIBE, 2)],
    );
    const { modules, steps } = decodeComponent(bytes);
    expect(steps.length).toBeGreaterThan(modules.length);
    await componentWit(bytes);
    await using opened = await open(bytes);
    expect(opened.instance().call(READING, 'print', [['a']])).toBe(1);
  });
});
