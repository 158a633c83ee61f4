// Every function that the host offers is called by a real guest in some test (docs/reference/host-interfaces.md).
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { COVERED, LANGUAGES, PREFIXES, readCases, type Language } from '../../hack/host-interfaces/calls.ts';
import { readOffered, type Offered } from '../../hack/host-interfaces/read.ts';
import { isCalled } from '../../hack/host-interfaces/reference.ts';

/** What has no guest in Rust that calls it, and why. */
const WITHOUT: readonly RegExp[] = [
  // WASI 0.3, and the asynchronous versions of Spin's own interfaces: guests of theirs import whole interfaces.
  /@0\.3\.0/,
  /@3\.0\.0 /,
  /-async$/,
  // Another name of initial-cwd.
  /get-initial-cwd$/,
  // Unstable, and in no SDK.
  /send-informational$/,
];

/** Asynchronous twins: guests of WASI 0.3 call them. */
const ASYNCHRONOUS = /-async$/;

/** What the SDK of a language has not, though its interface has. */
const OUTSIDE: Readonly<Record<Language, ReadonlySet<string>>> = {
  // SDK 5 has 4.0 of this interface; rsql calls them, in runtime-node/src/host/postgres.
  rust: new Set([
    'spin:postgres/postgres@4.2.0 [constructor]connection-builder',
    'spin:postgres/postgres@4.2.0 [method]connection-builder.set-ca-root',
    'spin:postgres/postgres@4.2.0 [method]connection-builder.build',
  ]),
  javascript: new Set(),
};

const ROOT = join(import.meta.dirname, '../..');

describe('the functions of the host', () => {
  let offered: Offered;

  beforeAll(async () => {
    offered = await readOffered();
  });

  it('are found, with the guests that call them', () => {
    expect(offered.functions.length).toBeGreaterThan(300);
    const get = offered.functions.find(
      (func) => func.interface === 'fermyon:spin/key-value@2.0.0' && func.name === '[method]store.get',
    );
    expect(get?.guests).toContain('skv');
    expect(offered.tests.get('skv')).toContain('test/conformance/host-interfaces.test.ts');
    const path = 'test/services/cases/key-value/redis';
    expect(get?.cases).toEqual({ rust: path, javascript: path });
  });

  it('are each called by a guest in Rust that a test runs', () => {
    const uncalled = offered.functions
      .filter((func) => !isCalled(offered, func))
      .map((func) => `${func.interface} ${func.name}`)
      .filter((name) => !WITHOUT.some((pattern) => pattern.test(name)));
    expect(uncalled).toEqual([]);
  });

  const covered = (): Offered['functions'] => offered.functions.filter((func) => COVERED.includes(func.interface));

  it.each(LANGUAGES)('that SDKs have are each called by a case in %s', (language) => {
    const uncalled = covered()
      .filter(({ cases }) => cases[language] === undefined)
      .map(({ interface: from, name }) => `${from} ${name}`)
      .filter((name) => !ASYNCHRONOUS.test(name) && !OUTSIDE[language].has(name));
    expect(uncalled).toEqual([]);
  });

  it.each(LANGUAGES)('have a case in %s or are an exception, not both', (language) => {
    const both = covered()
      .filter(({ cases }) => cases[language] !== undefined)
      .map(({ interface: from, name }) => `${from} ${name}`)
      .filter((name) => OUTSIDE[language].has(name));
    expect(both).toEqual([]);
  });
});

describe('the calls of the cases', () => {
  it('are functions that the host offers', async () => {
    const { functions } = await readOffered();
    const names = new Set(
      functions.map(({ interface: from, name }) => `${from} ${name.replace(/^\[\w+\]/, '').replace(/^.*\./, '')}`),
    );
    const unknown = readCases(ROOT).flatMap(({ path, calls }) =>
      [...calls]
        .filter((call) => {
          const [prefix = '', name = ''] = call.split('.');
          return !(PREFIXES[prefix] ?? []).some((from) => names.has(`${from} ${name}`));
        })
        .map((call) => `${path} ${call}`),
    );
    expect(unknown).toEqual([]);
  });
});
