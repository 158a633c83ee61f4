// What spin-plugin-kube answered to 40 invocations: the same to the byte, or a difference that stands here with its reason.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runInside } from '../../testing/run-inside.ts';
import upstream from './fixtures/upstream.json' with { type: 'json' };

interface Answer {
  readonly arguments: readonly string[];
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

const CASES = Object.entries(upstream.cases) as [string, Answer][];

/** Where upstream's YAML says something else than was given: replaced text, and ours. */
const CORRECTED: Readonly<Record<string, readonly (readonly [upstream: string, ours: string])[]>> = {
  // Numbers and booleans where the schema wants text.
  variables: [
    ['    value: 1\n', '    value: "1"\n'],
    ['    value: 2\n', '    value: "2"\n'],
  ],
  'variable-yaml': [
    ['    value: yes\n', '    value: "yes"\n'],
    ['    value: a: b\n', '    value: "a: b"\n'],
    ['    value: \n', '    value: ""\n'],
  ],
  // A fraction is neither an integer nor a text, and no quantity to the schema.
  everything: [['      cpu: 0.5\n', '      cpu: "0.5"\n']],
  // Dropped without a word unless a limit is there.
  'requests-only': [
    ['  replicas: 2\n', '  replicas: 2\n  resources:\n    requests:\n      cpu: 50m\n      memory: 64Mi\n'],
  ],
};

/** The words of the flag library, which is another one. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  'unknown-flag': "error: unknown option '--nope'",
  'namespace-flag': "error: unknown option '-n'",
};

const RUNTIME_CONFIG = Buffer.from(
  'W2tleV92YWx1ZV9zdG9yZS5kZWZhdWx0XQp0eXBlID0gInJlZGlzIgp1cmwgPSAicmVkaXM6Ly94Igo=',
  'base64',
);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scaffold-'));
  await writeFile(join(folder, 'rc.toml'), RUNTIME_CONFIG);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const inFolder = (text: string): string => text.replaceAll('<dir>', folder);

/** A warning beside an answer that is the same. */
const WARNED: Readonly<Record<string, string>> = {
  'replicas-0': 'Warning: a new app with 0 replicas is refused by the admission webhook',
};

describe('scaffold answers as spin-plugin-kube', () => {
  it('in all that was recorded', () => expect(CASES).toHaveLength(40));

  it.each(CASES)('%s', async (name, { arguments: args, exit, stdout, stderr }) => {
    const answer = await runInside(['scaffold', ...args.map(inFolder)], { cwd: folder });
    const corrections = CORRECTED[name] ?? [];
    expect(corrections.filter(([theirs]) => !stdout.includes(theirs))).toEqual([]);
    const corrected = corrections.reduce((text, [theirs, ours]) => text.replace(theirs, ours), stdout);
    // A wrong command line is 2 here, whatever is wrong with it; a file that is missing is 1, as there.
    const status = exit === 0 || name === 'runtime-config-missing' ? exit : 2;
    expect([answer.code, answer.stdout, answer.stderr.split('\n')[0]]).toEqual([
      status,
      corrected,
      WARNED[name] ?? OTHER_WORDS[name] ?? inFolder(stderr),
    ]);
  });
});
