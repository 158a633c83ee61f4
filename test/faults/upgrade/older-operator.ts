// The operator of an earlier commit, made from this repository's history: its own sources, today's dependencies.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../../..');
const run = promisify(execFile);

/** The first whose tests were complete. */
export const OLDER = '5f0aed6';

export interface OlderOperator {
  readonly bin: string;
  remove(): Promise<void>;
}

/** Undefined in a checkout without that much history. */
export async function olderOperator(): Promise<OlderOperator | undefined> {
  try {
    await run('git', ['-C', ROOT, 'cat-file', '-e', `${OLDER}^{commit}`]);
  } catch {
    // expected: a shallow clone, or no clone at all.
    return undefined;
  }
  const folder = await mkdtemp(join(tmpdir(), 'older-operator-'));
  const archive = join(folder, 'older.tar');
  await run('git', ['-C', ROOT, 'archive', `--output=${archive}`, OLDER, 'package.json', 'operator', 'packages']);
  await run('tar', ['-xf', archive, '-C', folder]);
  await linkDependencies(folder);
  return {
    bin: join(folder, 'operator/bin/spindle-operator.js'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Packages of npm are today's; those of the project are the older ones. */
async function linkDependencies(folder: string): Promise<void> {
  const [from, to] = [join(ROOT, 'node_modules'), join(folder, 'node_modules')];
  await mkdir(join(to, '@spindle'), { recursive: true });
  for (const name of await readdir(from)) {
    if (name !== '@spindle' && !name.startsWith('.')) {
      await symlink(join(from, name), join(to, name));
    }
  }
  for (const name of ['api', 'kube']) {
    await symlink(join(folder, 'packages', name), join(to, '@spindle', name));
  }
}
