// The git program, for templates that are kept in a repository. It asks nothing: a password would have to be typed into
// a prompt that a script cannot see.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { gitFailed, gitMissing } from '../errors.ts';

const run = promisify(execFile);

/** A URL, something that git can read itself, or `owner/repository` of GitHub, as Spin reads it. */
export const gitUrl = (given: string): string =>
  /^[\w.-]+\/[\w.-]+$/.test(given) ? `https://github.com/${given}` : given;

export async function clone(url: string, branch: string | undefined, into: string): Promise<void> {
  const options = branch === undefined ? [] : ['--branch', branch];
  try {
    await run('git', ['clone', '--quiet', '--depth', '1', ...options, '--', url, into], {
      env: { ...process.env, GIT_TERMINAL_PROMPT: '0' },
    });
  } catch (error) {
    const { code, stderr = '' } = error as NodeJS.ErrnoException & { stderr?: string };
    throw code === 'ENOENT' ? gitMissing(error) : gitFailed(url, stderr.trim());
  }
}
