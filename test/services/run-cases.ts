// Cases of host calls as data: one folder each with a spin.toml, perhaps a runtime-config.toml, the calls that the guest
// is asked to make, a line each, and the lines it must answer with. `${NAME}` in them stands for what the test has
// started; a line `...` between the answers stands for any one line, for what no two servers say alike.
import { readdirSync, readFileSync, existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ask } from '../conformance/client.ts';
import { serveManifest, type Served } from '../conformance/serve-manifest.ts';
import { fixturePath } from '../guests/fixtures.ts';

const CASES = join(import.meta.dirname, 'cases');

export type Names = Readonly<Record<string, string | number>>;

/** The folders whose names begin so. */
export const caseNames = (prefix: string): string[] =>
  readdirSync(CASES)
    .filter((name) => name.startsWith(prefix))
    .toSorted();

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
  const guests = { SCALLS: 'scalls', RSPIN1: 'rspin1', JSCALLS: 'jscalls' };
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

/** `...` stands for whatever the system, or the moment, says there. */
function asExpected(answer: string | undefined, expected = ''): string | undefined {
  const [before = '', after, ...more] = expected.split('...');
  const fits =
    after !== undefined && more.length === 0 && answer?.startsWith(before) === true && answer.endsWith(after);
  return fits ? expected : answer;
}

/** A test for each case whose name begins so; `names` is asked when the servers run. */
export function runCases(prefix: string, names: () => Names): void {
  it.each(caseNames(prefix))('%s', async (name) => {
    const read = (file: string): string => readFileSync(join(CASES, name, file), 'utf8');
    const config = existsSync(join(CASES, name, 'runtime-config.toml')) ? read('runtime-config.toml') : undefined;
    const served = await serveText(read('spin.toml'), names(), config);
    try {
      const requests = filled(read('request.txt'), names()).trimEnd();
      const expected = filled(read('expected.txt'), names()).trimEnd().split('\n');
      const answered = await calls(served, requests);
      const shown = (lines: readonly string[]): string[] =>
        requests.split('\n').map((line, at) => `${line} -> ${asExpected(lines[at], expected[at])}`);
      expect(shown(answered)).toEqual(shown(expected));
      expect(answered).toHaveLength(expected.length);
    } finally {
      await served.stop();
    }
  });
}
