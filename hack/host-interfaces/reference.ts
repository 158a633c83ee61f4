// docs/reference/host-interfaces.md: every interface and function of the host with a test in which a real guest calls it.
import { join } from 'node:path';
import { GUESTS, LANGUAGES, readCases, type Language } from './calls.ts';
import { readOffered, type Offered, type OfferedFunction } from './read.ts';

export async function hostInterfacesReference(madeBy: string): Promise<string> {
  const offered = await readOffered();
  const interfaces = Map.groupBy(offered.functions, (func) => func.interface);
  const covered = offered.functions.filter((func) => isCalled(offered, func)).length;
  return [
    `<!-- Made by "${madeBy}". -->`,
    '',
    '# Host interfaces',
    '',
    `What components may import: ${interfaces.size} interfaces with ${offered.functions.length} functions, of which ${covered} have a test`,
    'with a guest that calls them. An import of another version is served by the newest one that is compatible.',
    '`wasi:http`, `wasi:io` and their kin in the release candidates of 2023 are made of the same',
    'functions; `runtime-node/src/host/release-candidates` calls them.',
    '',
    'A guest in Rust imports the functions that it calls and no others, which is how this table knows. Guests in JavaScript and',
    'Python import whole interfaces; they are named where a test runs one that has the function at hand. Sources of the guests:',
    '`test/guests`; `wasi:otel` is there with `--experimental-wasi-otel`.',
    '',
    'A folder below `test/services/cases` holds what its guests are asked and must answer, in both languages.',
    ...withoutSdk(),
    '',
    ...[...interfaces].flatMap(([name, functions]) => [
      `## ${name}`,
      '',
      '| function | guests | a test in Rust | in JavaScript |',
      '| --- | --- | --- | --- |',
      ...functions.map((func) => row(offered, func)),
      '',
    ]),
    '## Guests and their tests',
    '',
    '| guest | tests |',
    '| --- | --- |',
    ...guestRows(offered),
    '',
  ].join('\n');
}

/** Whether a test runs a guest that calls it. */
export const isCalled = ({ tests }: Offered, { guests, cases }: OfferedFunction): boolean =>
  cases.rust !== undefined || guests.some((guest) => (tests.get(guest) ?? []).length > 0);

const cell = (path: string | undefined): string => (path === undefined ? '–' : `\`${path}\``);

function row({ tests }: Offered, { interface: from, name, guests, others, cases }: OfferedFunction): string {
  const testsOf = (guest: string): readonly string[] => tests.get(guest) ?? [];
  const run = (all: readonly string[]): string[] =>
    // A guest of few tests is made for what it calls.
    all.filter((guest) => testsOf(guest).length > 0).toSorted((a, b) => testsOf(a).length - testsOf(b).length);
  const [callers, havers] = [run(guests), run(others)];
  const [, subject = ''] = /\/([^@]+)/.exec(from) ?? [];
  const paths = callers.flatMap(testsOf);
  const { rust = paths.find((path) => path.includes(`/${subject}/`)) ?? paths[0], javascript } = cases;
  const ofCases = LANGUAGES.filter((language) => cases[language] !== undefined).map((language) => GUESTS[language]);
  const shown = [...ofCases, ...callers.slice(0, 4), ...havers].map((guest) => `\`${guest}\``).join(' ');
  return `| \`${name}\` | ${shown || '–'} | ${cell(rust)} | ${cell(javascript)} |`;
}

/** What no test calls in JavaScript, and why. */
function withoutSdk(): string[] {
  return [
    'The guests in JavaScript have no sockets, no `wasi:otel`, no asynchronous functions and none of the interfaces of Spin 1.',
    'MySQL and language models go through packages of the SDK; the others were not to be had from npm, so their interfaces are',
    'imported as they are. The runtime of JavaScript calls those of `wasi:io`, clocks, random, `wasi:cli` and files by itself,',
    'and `wasi:http` where a program fetches. Calls that one',
    'language alone can make:',
    '',
    ...readCases(join(import.meta.dirname, '../..')).flatMap(({ path, missing }) =>
      Object.entries(missing).map(
        ([language, reason]) => `- \`${path}\`, not in ${LANGUAGE_NAMES[language as Language]}: ${reason}.`,
      ),
    ),
  ];
}

const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { rust: 'Rust', javascript: 'JavaScript' };

function guestRows({ functions, tests }: Offered): string[] {
  const named = new Set(functions.flatMap(({ guests, others }) => [...guests, ...others]));
  return [...tests]
    .filter(([guest, all]) => named.has(guest) && all.length > 0)
    .map(([guest, all]) => `| \`${guest}\` | ${all.map((path) => `\`${path}\``).join(' ')} |`);
}
