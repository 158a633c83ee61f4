// Every function that the host offers, the guests of test/guests that import it, and the tests that run those guests. A guest
// in Rust imports what it calls and no more, so that its import shows a call; one in JavaScript imports whole interfaces.
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { hostCapabilities } from '../../runtime-node/src/run/capabilities.ts';
import { decodeComponent } from '../../runtime-node/src/component/decode/index.ts';
import { findCompatible } from '../../runtime-node/src/component/link/versions.ts';
import { fakeApp } from '../../runtime-node/src/host/testing/fake-app.ts';
import { fakeGuest } from '../../runtime-node/src/host/testing/fake-guest.ts';
import { fixture } from '../../test/guests/fixtures.ts';
import { caseOf, LANGUAGES, readCases, type Language } from './calls.ts';

const ROOT = join(import.meta.dirname, '../..');

export interface OfferedFunction {
  readonly interface: string;
  readonly name: string;
  /** Guests that call it. */
  readonly guests: readonly string[];
  /** Guests that import it with all of its interface. */
  readonly others: readonly string[];
  /** Cases of test/services that call it. */
  readonly cases: Readonly<Partial<Record<Language, string>>>;
}

export interface Offered {
  readonly functions: readonly OfferedFunction[];
  /** Test files and folders of cases, by guest. */
  readonly tests: ReadonlyMap<string, readonly string[]>;
}

export async function readOffered(): Promise<Offered> {
  const tests = testsByGuest();
  const cases = readCases(ROOT);
  const offered = await offeredFunctions();
  const importers = new Map<string, Set<string>>();
  for (const guest of tests.keys()) {
    for (const key of await importsOf(guest, [...offered.keys()])) {
      importers.set(key, (importers.get(key) ?? new Set()).add(guest));
    }
  }
  const functions = [...offered].flatMap(([name, names]) =>
    names.map((func) => {
      const all = [...(importers.get(`${name} ${func}`) ?? [])].toSorted();
      return {
        interface: name,
        name: func,
        guests: all.filter((guest) => !importsWhole(guest)),
        others: all.filter(importsWhole),
        cases: Object.fromEntries(
          LANGUAGES.map((language) => [language, caseOf(cases, language, { interface: name, name: func })]),
        ),
      };
    }),
  );
  return { functions, tests };
}

const importsWhole = (guest: string): boolean => /^(?:js|py|polyglot)/.test(guest);

/** By interface. */
async function offeredFunctions(): Promise<ReadonlyMap<string, readonly string[]>> {
  const { component } = fakeGuest();
  const offered = new Map<string, readonly string[]>();
  for (const capability of hostCapabilities({}, { guestSignals: {} })) {
    const state = await capability.open(capability.parse({}), fakeApp({ components: [component] }));
    for (const [name, { functions }] of capability.bind(state, component)) {
      offered.set(name, Object.keys(functions));
    }
    await capability.close?.(state);
  }
  return offered;
}

/** `interface function` of each import that the host serves. */
async function importsOf(guest: string, available: readonly string[]): Promise<string[]> {
  const { imports } = decodeComponent(await fixture(guest));
  return imports.flatMap(({ interface: wanted, name }) => {
    const served = findCompatible(wanted, available);
    return served === undefined ? [] : [`${served} ${name}`];
  });
}

/** Names of fixtures that are components, as tests write them in quotes. The cases of test/services are told apart by function. */
function testsByGuest(): ReadonlyMap<string, readonly string[]> {
  const guests = globSync('test/guests/fixtures/*.wasm{,.br}', { cwd: ROOT })
    .map((path) => basename(path).replace(/\.wasm(?:\.br)?$/, ''))
    .filter((name) => !name.endsWith('-module') && name !== 'empty');
  const files = globSync(['test/**/*.test.ts', 'runtime-node/src/**/*.test.ts', 'cli/src/**/*.test.ts'], { cwd: ROOT });
  const texts = files.toSorted().map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
  return new Map(
    guests
      .toSorted()
      .map((guest) => [
        guest,
        texts
          .filter(({ text }) => text.includes(`'${guest}'`) || text.includes(`\${${guest.toUpperCase()}}`))
          .map(({ path }) => path),
      ]),
  );
}
