// Every function and resource that the WIT of the standard interfaces has is in the tables, under its name.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { HostInterface } from '../component/index.ts';
import type { Guest } from './guest.ts';
import { HTTP_CLIENT_INTERFACE, httpClient } from './http/p3/client.ts';
import { asyncHttpTypes, HTTP_TYPES_0_3 } from './http/p3/interface.ts';
import { capabilities } from './index.ts';
import { fakeApp } from './testing/fake-app.ts';
import { fakeGuest } from './testing/fake-guest.ts';

/** As jco ships it: the newest 0.2 that is out, with what is still unstable in it, and 0.3. */
const WIT = join(import.meta.dirname, '../../../node_modules/@bytecodealliance/jco/lib/wit/builtin');

const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '0.2.12': ['io', 'clocks', 'random', 'cli', 'filesystem', 'sockets'],
  '0.3.0': ['clocks', 'random', 'cli', 'filesystem', 'sockets', 'http'],
};

/** Not linked by Spin, and unstable: a guest that wants it fails at start; and what only guests export. */
const LEFT_OUT = new Set(['timezone', 'handler']);

interface Declared {
  readonly name: string;
  readonly functions: string[];
  readonly resources: string[];
}

/** Reads as much WIT as these files have: one declaration a line, blocks closed by a line of their own. */
function interfacesIn(text: string, name: string, version: string): Declared[] {
  const found: Declared[] = [];
  let resource: string | undefined;
  for (const line of text.split('\n').map((untrimmed) => untrimmed.replace(/\/\/.*/, '').trim())) {
    const [, opened] = /^interface ([\w-]+) \{$/.exec(line) ?? [];
    const [, declared, block] = /^resource ([\w-]+)( \{|;)/.exec(line) ?? [];
    const [, func, kind] = /^%?([\w-]+): (static )?(?:async )?func\(/.exec(line) ?? [];
    const current = found.at(-1);
    if (opened !== undefined) {
      found.push({ name: `wasi:${name}/${opened}@${version}`, functions: [], resources: [] });
    } else if (declared !== undefined) {
      current?.resources.push(declared);
      resource = block === ' {' ? declared : undefined;
    } else if (func !== undefined) {
      const form = kind === undefined ? 'method' : 'static';
      current?.functions.push(resource === undefined ? func : `[${form}]${resource}.${func}`);
    } else if (line === '}') {
      resource = undefined;
    }
  }
  return found.filter((one) => !LEFT_OUT.has(one.name.replace(/.*\/|@.*/g, '')) && !one.functions.includes('run'));
}

const declared = Object.entries(PACKAGES).flatMap(([version, names]) =>
  names.flatMap((name) =>
    interfacesIn(readFileSync(join(WIT, version, `wasi-${name}/package.wit`), 'utf8'), name, version).filter(
      ({ functions, resources }) => functions.length + resources.length > 0,
    ),
  ),
);

describe('the capabilities', () => {
  const bound = new Map<string, HostInterface<Guest>>();

  beforeAll(async () => {
    const { component } = fakeGuest();
    for (const capability of capabilities) {
      const state = await capability.open(capability.parse({}), fakeApp({ components: [component] }));
      for (const [name, hostInterface] of capability.bind(state, component)) {
        bound.set(name, hostInterface);
      }
    }
    bound.set(HTTP_TYPES_0_3, asyncHttpTypes).set(HTTP_CLIENT_INTERFACE, httpClient({ functions: {}, resources: {} }));
  });

  it('have names of their own', () => {
    const ids = capabilities.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('bind the interfaces they announce', () => {
    const named = capabilities.flatMap(({ interfaces }) => interfaces);
    expect([...bound.keys()]).toEqual([...named, HTTP_TYPES_0_3, HTTP_CLIENT_INTERFACE]);
  });

  it('are compared with all of the standard interfaces', () => {
    expect(declared.length).toBe(48);
    expect(declared.flatMap(({ functions }) => functions).length).toBeGreaterThan(120);
  });

  it.each(declared.map((one) => [one.name, one] as const))('serve %s whole', (name, { functions, resources }) => {
    const served = bound.get(name);
    const names = Object.keys(served?.functions ?? {}).filter((one) => !one.startsWith('[constructor]'));
    expect(names.toSorted()).toEqual(functions.toSorted());
    expect(Object.keys(served?.resources ?? {}).toSorted()).toEqual(resources.toSorted());
  });

  it("serve Spin's own interfaces and the drafts it has", () => {
    const others = [...bound.keys()].filter((name) => !declared.some((one) => one.name === name));
    expect(others).toEqual([
      // Types alone.
      'wasi:clocks/types@0.3.0',
      'wasi:cli/types@0.3.0',
      'fermyon:spin/variables@2.0.0',
      'spin:variables/variables@3.0.0',
      'fermyon:spin/config',
      'wasi:config/store@0.2.0-draft-2024-09-27',
      'spin:key-value/key-value@3.0.0',
      'fermyon:spin/key-value@2.0.0',
      'fermyon:spin/key-value',
      'wasi:keyvalue/store@0.2.0-draft2',
      'wasi:keyvalue/batch@0.2.0-draft2',
      'wasi:keyvalue/atomics@0.2.0-draft2',
      'spin:sqlite/sqlite@3.1.0',
      'fermyon:spin/sqlite@2.0.0',
      'fermyon:spin/sqlite',
      'spin:postgres/postgres@4.2.0',
      'spin:postgres/postgres@3.0.0',
      'fermyon:spin/postgres@2.0.0',
      'fermyon:spin/postgres',
      'fermyon:spin/rdbms-types@2.0.0',
      'fermyon:spin/rdbms-types',
      'spin:mysql/mysql@3.0.0',
      'fermyon:spin/mysql@2.0.0',
      'fermyon:spin/mysql',
      'fermyon:spin/redis@2.0.0',
      'spin:redis/redis@3.0.0',
      'fermyon:spin/redis',
      'fermyon:spin/redis-types',
      'fermyon:spin/mqtt@2.0.0',
      'spin:mqtt/mqtt@3.0.0',
      'fermyon:spin/llm@2.0.0',
      'fermyon:spin/llm',
    ]);
  });
});
