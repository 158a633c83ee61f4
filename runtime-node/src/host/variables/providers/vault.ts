// Variables out of HashiCorp Vault's key-value engine of version 2: the field `value` of a secret with the variable's name
// (spin-contract.md §5.1, https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2). Asked anew each time. The token
// stands in no message.
import type { VariablesProvider } from '@spindle/api';
import type { VaultConfig } from './config.ts';

/** A guest waits for it; Vault answers within milliseconds. */
const ANSWER_MS = 10_000;

/** Far above Vault's own limit of 512 KiB for a value (its storage backend's, times JSON). */
const MAX_ANSWER_BYTES = 4_194_304;

export function createVaultProvider({ url, token, mount, prefix }: VaultConfig): VariablesProvider {
  const path = [...mount.split('/'), 'data', ...(prefix?.split('/') ?? [])].filter((part) => part !== '');
  return {
    name: 'vault',
    mayResolve: () => true,
    async get(key) {
      const secret = new URL(`/v1/${[...path, key].map(encodeURIComponent).join('/')}`, url);
      const response = await fetch(secret, {
        headers: { 'x-vault-token': token, 'x-vault-request': 'true' },
        // A standby node sends to the active one.
        redirect: 'follow',
        signal: AbortSignal.timeout(ANSWER_MS),
      }).catch((cause: unknown) => {
        throw failed(reasonOf(cause), cause);
      });
      const text = await readText(response);
      if (response.status === 404) {
        return undefined;
      }
      if (!response.ok) {
        throw failed(`the server answers ${response.status}`);
      }
      const value = valueIn(text);
      if (value === undefined) {
        throw failed(`the secret ${JSON.stringify(key)} has no field "value" with text`);
      }
      return value;
    },
  };
}

async function readText({ body }: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of body ?? []) {
      size += piece.length;
      pieces.push(size > MAX_ANSWER_BYTES ? new Uint8Array(0) : piece);
      if (size > MAX_ANSWER_BYTES) {
        break;
      }
    }
  } catch (cause) {
    throw failed(reasonOf(cause), cause);
  }
  if (size > MAX_ANSWER_BYTES) {
    throw failed('the answer is too large');
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** `{ data: { data: { value } } }` */
function valueIn(text: string): string | undefined {
  try {
    const { data } = JSON.parse(text) as { data?: { data?: { value?: unknown } | null } | null };
    const value = data?.data?.value;
    return typeof value === 'string' ? value : undefined;
  } catch {
    // expected: something else than Vault answers; the guest is told
    return undefined;
  }
}

/** fetch says `fetch failed`, and its cause what has failed. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}

const failed = (reason: string, cause?: unknown): Error =>
  new Error(`Failed to check Vault for config: ${reason}`, cause === undefined ? undefined : { cause });
