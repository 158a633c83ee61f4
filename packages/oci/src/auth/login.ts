// `registry login`: shows the credentials to the registry and keeps them in Spin's file if it takes them
// (spin-contract.md §2.3). The password appears in no message.
import { invalidCredentials, loginRefused } from '../errors.ts';
import { UserError } from '@spindle/api';
import { credentialServer, isHost } from '../reference.ts';
import { RegistrySession } from '../registry/session.ts';
import type { RegistryOptions } from '../types.ts';
import { storeInSpinAuthFile } from './spin-auth-file.ts';

export interface LoginOptions extends Omit<RegistryOptions, 'credentials'> {
  /** Spin's registry-auth.json (see `standardPaths`). */
  readonly authFile: string;
}

export interface LoginOutcome {
  /** The name under which the credentials were stored. */
  readonly server: string;
  /** False when the registry asks nobody for credentials, so that they could not be checked. */
  readonly checked: boolean;
}

export async function login(
  server: string,
  user: string,
  password: string,
  options: LoginOptions,
): Promise<LoginOutcome> {
  const registry = parseServer(server);
  if (user === '' || user.includes(':') || password === '') {
    throw invalidCredentials(user === '' || password === '' ? 'one of them is empty' : 'the user name has a colon');
  }
  const checked = await checkCredentials(registry, user, password, options);
  const name = credentialServer(registry);
  await storeInSpinAuthFile(options.authFile, name, user, password);
  return { server: name, checked };
}

/** A host with an optional port, also as a URL. Pure. */
export function parseServer(text: string): string {
  const host = text.replace(/^https?:\/\//, '').replace(/\/.*$/s, '');
  if (!isHost(host)) {
    throw invalidCredentials('the server must be a host name with an optional port, such as ghcr.io');
  }
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host;
}

/** Whether the registry asked for them; throws when it refused them. */
async function checkCredentials(
  registry: string,
  username: string,
  password: string,
  options: LoginOptions,
): Promise<boolean> {
  let asked = false;
  const session = new RegistrySession(registry, '', registry, {
    ...options,
    credentials: async () => {
      asked = true;
      return { credentials: { kind: 'password', username, password, from: 'this login' }, problems: [] };
    },
  });
  try {
    await session.repeat(async () => {
      const answer = await session.send({ method: 'GET', target: '/v2/', access: 'login', expect: [200] });
      await answer.discard();
    });
  } catch (error) {
    // The usual refusals tell the user to log in, which is what was tried.
    const refused = error instanceof UserError && (error.code === 'SPK2005' || error.code === 'SPK2006');
    throw refused ? loginRefused(registry, username) : error;
  }
  return asked;
}
