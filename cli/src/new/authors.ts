// Who the author of a new application is: what git knows, since that is what will stand in its commits.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Empty where git or its configuration is missing. */
export async function gitIdentity(cwd: string): Promise<{ authors: string; username: string }> {
  const [name, email] = await Promise.all(['user.name', 'user.email'].map((key) => gitSetting(key, cwd)));
  return { authors: name && email ? `${name} <${email}>` : (name ?? ''), username: name ?? '' };
}

async function gitSetting(key: string, cwd: string): Promise<string | undefined> {
  try {
    // Into a quoted string of TOML and JSON it goes as it is, so what would end one is left out.
    return (await run('git', ['config', '--get', key], { cwd })).stdout.trim().replaceAll(/["\\]/g, '') || undefined;
  } catch {
    // expected: git is not needed for anything else
    return undefined;
  }
}
