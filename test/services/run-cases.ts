// Cases of host calls as data, cases/<interface>/<case>: a spin.toml, perhaps a runtime-config.toml, request.json with the
// calls that a guest is asked to make and expected.json with what it must answer, for guests in Rust and in JavaScript.
// `${NAME}` in them stands for what the test has started. The other functions serve tests that are code.
import { readdirSync, readFileSync, existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import { GUESTS, LANGUAGES, type Language } from '../../hack/host-interfaces/calls.ts';
import { ask } from '../conformance/client.ts';
import { serveManifest, type Served } from '../conformance/serve-manifest.ts';
import { fixturePath } from '../guests/fixtures.ts';

const CASES = join(import.meta.dirname, 'cases');

export type Names = Readonly<Record<string, string | number>>;

export function filled(text: string, names: Names): string {
  return text.replaceAll(/\$\{([A-Z0-9_]+)\}/g, (_whole, name: string) => {
    const value = names[name];
    if (value === undefined) {
      throw new Error(`the case needs \${${name}}`);
    }
    return String(value);
  });
}

/** `scalls` in a manifest of its own, with more lines for the component. */
export const scallsManifest = (component: string): string =>
  `spin_manifest_version = 2
[application]
name = "scalls"
[[trigger.http]]
route = "/..."
component = "c"
[component.c]
source = "\${SCALLS}"
${component}
`;

/** Serves a manifest as text, with a runtime configuration as text. */
export async function serveText(manifest: string, names: Names, runtimeConfig?: string): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'spindle-case-'));
  const guests = { SCALLS: 'scalls', RSPIN1: 'rspin1' };
  const used = Object.entries(guests).filter(([name]) => manifest.includes(name));
  const paths = await Promise.all(used.map(async ([name, guest]) => [name, await fixturePath(guest)] as const));
  const all = { ...Object.fromEntries(paths), ...names };
  try {
    await writeFile(join(folder, 'spin.toml'), filled(manifest, all));
    const config =
      runtimeConfig === undefined
        ? {}
        : { runtimeConfig: { file: join(folder, 'runtime-config.toml'), text: filled(runtimeConfig, all) } };
    const served = await serveManifest(join(folder, 'spin.toml'), config);
    return {
      ...served,
      stop: async () => {
        const ended = await served.stop();
        await rm(folder, { recursive: true, force: true });
        return ended;
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** What the guest answers to these calls, a line each. */
export async function calls(served: Served, lines: string): Promise<string[]> {
  const { status, body } = await ask(served.port, '/', { method: 'POST', body: lines });
  if (status !== 200) {
    throw new Error(`${status}: ${served.errors.join('\n')}`);
  }
  return (body ?? '').trimEnd().split('\n');
}

/** A call of a case, `["redis.get", "key"]`: the prefix of an interface (hack/host-interfaces/calls.ts), its function, its arguments. */
type Call = readonly [name: string, ...args: unknown[]];

interface Case {
  /** `redis/commands`, below `cases`. */
  readonly name: string;
  readonly manifest: string;
  readonly runtimeConfig: string | undefined;
  readonly request: string;
  /** Why the SDK of a language cannot make these calls. */
  readonly missing: Readonly<Partial<Record<Language, string>>>;
  readonly expected: Readonly<Record<Language, string>>;
}

function readCase(name: string): Case {
  const text = (file: string): string | undefined => {
    const path = join(CASES, name, file);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  };
  const needed = (file: string): string => {
    const found = text(file);
    if (found === undefined) {
      throw new Error(`the case ${name} has no ${file}`);
    }
    return found;
  };
  const missing = JSON.parse(text('missing.json') ?? '{}') as Case['missing'];
  const expected = needed('expected.json');
  return {
    name,
    manifest: needed('spin.toml'),
    runtimeConfig: text('runtime-config.toml'),
    request: needed('request.json'),
    missing,
    // Where the SDK gives what it has got another shape.
    expected: { rust: expected, javascript: text('expected.javascript.json') ?? expected },
  };
}

const caseNames = (folder: string): string[] =>
  readdirSync(join(CASES, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${folder}/${entry.name}`)
    .toSorted();

/** `{ "text": "x", "times": 1000 }` in a request is so many of them: no case holds a megabyte. */
const repeated = (_key: string, value: unknown): unknown => {
  const { text, times } = (value ?? {}) as { text?: unknown; times?: unknown };
  return typeof text === 'string' && typeof times === 'number' ? { text: text.repeat(times) } : value;
};

async function answersOf(one: Case, language: Language, names: Names): Promise<unknown[]> {
  const guest = await fixturePath(GUESTS[language]);
  const served = await serveText(one.manifest, { ...names, GUEST: guest }, one.runtimeConfig);
  try {
    const body = JSON.stringify(JSON.parse(filled(one.request, names), repeated));
    const { status, body: answer = '' } = await ask(served.port, '/case', { method: 'POST', body });
    if (status !== 200) {
      throw new Error(`${status}: ${answer}\n${served.errors.join('\n')}`);
    }
    return JSON.parse(answer) as unknown[];
  } finally {
    await served.stop();
  }
}

/**
 * The expected value where the answer fits it, else the answer. In an expected text, `...` stands for whatever the system or
 * the moment says there; `{ "anyOrder": [...] }` for a list with those elements.
 */
function asExpected(answer: unknown, expected: unknown): unknown {
  if (expected === '...') {
    return expected;
  }
  if (typeof expected === 'string') {
    return fits(answer, expected) ? expected : answer;
  }
  if (Array.isArray(expected)) {
    return Array.isArray(answer) ? answer.map((one, at) => asExpected(one, expected[at])) : answer;
  }
  if (typeof expected !== 'object' || expected === null) {
    return answer;
  }
  if ('anyOrder' in expected) {
    const same = Array.isArray(answer) && isDeepStrictEqual(sorted(answer), sorted(expected.anyOrder));
    return same ? expected : answer;
  }
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
    return answer;
  }
  const wanted = new Map<string, unknown>(Object.entries(expected));
  // An option without a value is null in Rust and left out in JavaScript.
  const absent = [...wanted].filter(([key, value]) => value === null && !(key in answer));
  const present = Object.entries(answer).map(([key, value]) => [key, asExpected(value, wanted.get(key))] as const);
  return Object.fromEntries([...absent, ...present]);
}

const sorted = (list: unknown): unknown => (list as unknown[]).map((one) => JSON.stringify(one)).toSorted();

function fits(answer: unknown, expected: string): boolean {
  const pieces = expected.split('...').map((piece) => RegExp.escape(piece));
  return typeof answer === 'string' && new RegExp(`^${pieces.join('[^]*')}$`).test(answer);
}

/** A test for each case of a folder and each language; `names` is asked when the servers run. */
export function runCases(folder: string, names: () => Names = () => ({})): void {
  const rows = caseNames(folder).flatMap((name) => {
    const one = readCase(name);
    const languages = LANGUAGES.filter((language) => one.missing[language] === undefined);
    return languages.map((language) => ({ name, language, one }));
  });
  it.each(rows)('$name in $language', async ({ language, one }) => {
    const made = JSON.parse(filled(one.request, names())) as Call[];
    const expected = JSON.parse(filled(one.expected[language], names())) as unknown[];
    expect(expected).toHaveLength(made.length);
    const answers = await answersOf(one, language, names());
    // Call by call, so that what differs stands beside what was asked.
    const shown = (list: readonly unknown[]): unknown[] => made.map((call, at) => ({ call, answer: list[at] }));
    expect(shown(asExpected(answers, expected) as unknown[])).toEqual(shown(expected));
    expect(answers).toHaveLength(expected.length);
  });
}
