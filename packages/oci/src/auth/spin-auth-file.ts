// Spin's own file of registry credentials: `{ "auths": { "<server>": base64("user:password") } }`
// (spin-contract.md §2.3). Written by replacing the file, readable by its owner only.
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomically } from '../cache/atomic-file.ts';
import { fileTrouble, invalidAuthFile } from '../errors.ts';
import { isMissing } from '../file-errors.ts';
import { isRecord } from '../json.ts';
import { type CredentialSource, decodeUserPassword, encodeUserPassword } from './credentials.ts';

const OWNER_ONLY = 0o600; // The file holds passwords, only encoded.
const OWNER_ONLY_DIRECTORY = 0o700;

/** Looks servers up in the file; one that does not exist has none. */
export function spinAuthFile(path: string): CredentialSource {
  return async function lookUpInSpinAuthFile(server) {
    let auths: Map<string, string>;
    try {
      auths = await readAuths(path);
    } catch (error) {
      // expected: a broken file must not stop a pull that needs no credentials; a refusal will name it.
      return { problems: [`${path}: ${error instanceof Error ? error.message : 'unreadable'}`] };
    }
    const encoded = auths.get(server);
    if (encoded === undefined) {
      return { problems: [] };
    }
    const decoded = decodeUserPassword(encoded);
    return decoded === undefined
      ? { problems: [`${path}: the entry of ${server} is not base64 of user:password`] }
      : { credentials: { kind: 'password', ...decoded, from: path }, problems: [] };
  };
}

/** Adds or replaces one server's credentials and keeps the others. */
export async function storeInSpinAuthFile(
  path: string,
  server: string,
  username: string,
  password: string,
): Promise<void> {
  const auths = await readAuths(path);
  auths.set(server, encodeUserPassword(username, password));
  const text = `${JSON.stringify({ auths: Object.fromEntries(auths) }, undefined, 2)}\n`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: OWNER_ONLY_DIRECTORY });
    await writeFileAtomically(path, Buffer.from(text), { mode: OWNER_ONLY });
  } catch (cause) {
    throw fileTrouble(path, 'store the credentials', cause);
  }
}

async function readAuths(path: string): Promise<Map<string, string>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (isMissing(cause)) {
      return new Map();
    }
    throw fileTrouble(path, 'read the registry credentials', cause);
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // expected: the parser's own message quotes the text, which holds passwords.
    throw invalidAuthFile(path, 'it is not JSON');
  }
  const auths = isRecord(document) ? document['auths'] : undefined;
  if (!isRecord(auths)) {
    throw invalidAuthFile(path, '"auths" is not an object');
  }
  const entries = Object.entries(auths);
  if (!entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')) {
    throw invalidAuthFile(path, 'a value of "auths" is not a string');
  }
  return new Map(entries);
}
