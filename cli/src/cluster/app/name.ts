// Which app a command means: the one that is named, or that of the spin.toml of this folder, as upstream's plugin.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readToml } from '@spindle/api';
import type { Console } from '../../console.ts';
import { noName } from '../errors.ts';

export async function appName(
  given: string | undefined,
  what: string,
  console: Pick<Console, 'cwd' | 'env'>,
): Promise<string> {
  const name = given ?? (await nameOfFolder(console));
  if (name === undefined) {
    throw noName(what);
  }
  return name;
}

async function nameOfFolder({ cwd, env }: Pick<Console, 'cwd' | 'env'>): Promise<string | undefined> {
  // Upstream's variable.
  if (env['SPIN_KUBE_DISABLE_DIR_CONTEXT'] === 'true') {
    return undefined;
  }
  const file = join(cwd, 'spin.toml');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    // expected: no application in this folder.
    return undefined;
  }
  const name = readToml(text, file, 'SPK1001').table().get('application')?.table().get('name');
  return name?.string();
}
