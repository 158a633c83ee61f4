// `spindle registry login`: the password comes from a flag, from standard input, or from the terminal.
import { login as loginTo } from '@spindle/oci';
import type { Console } from '../console.ts';
import { twoPasswords } from '../errors.ts';
import { userPaths } from '../paths.ts';

export interface LoginFlags {
  username?: string;
  password?: string;
  passwordStdin?: boolean;
  insecure?: boolean;
}

export async function login(server: string, flags: LoginFlags, console: Console): Promise<void> {
  const user = flags.username ?? (await console.ask('Username: '));
  const password = await passwordOf(flags, console);
  const outcome = await loginTo(server, user, password, {
    authFile: userPaths(console).authFile,
    insecure: flags.insecure ?? false,
  });
  console.out(
    outcome.checked
      ? `Logged in to ${outcome.server} as ${user}`
      : `Stored credentials for ${outcome.server}, which asked for none, so they could not be checked`,
  );
}

async function passwordOf({ password, passwordStdin }: LoginFlags, console: Console): Promise<string> {
  if (password !== undefined && passwordStdin) {
    throw twoPasswords();
  }
  if (passwordStdin) {
    return (await console.readInput()).replace(/\r?\n$/, '');
  }
  return password ?? console.askSecret('Password: ');
}
