// A bearer token in a file that somebody else renews: read again once a minute and after a refusal (kube-client 22).
import { readFile } from 'node:fs/promises';
import { UserError } from '@spindle/api';
import type { Clock } from '../clock.ts';
import { bearer, type Credentials, type CredentialSource } from './credentials.ts';

/** As client-go. The kubelet renews tokens when a fifth of their hour is left. */
const REREAD_MS = 60_000;

export function tokenFileCredentials(path: string, clock: Clock): CredentialSource {
  let token = '';
  let credentials: Credentials | undefined;
  let readAt = 0;
  const read = async (): Promise<Credentials> => {
    readAt = clock.now();
    const found = await readToken(path, credentials !== undefined);
    if (credentials === undefined || (found !== undefined && found !== token)) {
      token = found ?? '';
      credentials = { headers: bearer(token) };
    }
    return credentials;
  };
  return {
    current: async () => (credentials !== undefined && clock.now() - readAt < REREAD_MS ? credentials : read()),
    renew: async (headers) => (await read()).headers !== headers,
  };
}

/** Undefined when there is none just now, and `mayLack` one because the last one is known. */
async function readToken(path: string, mayLack: boolean): Promise<string | undefined> {
  try {
    const token = (await readFile(path, 'utf8')).trim();
    if (token !== '' || mayLack) {
      return token || undefined;
    }
  } catch (cause) {
    // expected: a file that is being replaced; the last token is good for some minutes more.
    if (mayLack) {
      return undefined;
    }
    throw noToken(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
  throw noToken(path, 'the file is empty');
}

const noToken = (path: string, why: string, cause?: unknown): UserError =>
  new UserError(`the token cannot be read: ${why}`, {
    code: 'SPK7004',
    file: path,
    remedy: 'Check that the file is there and may be read.',
    cause,
  });
