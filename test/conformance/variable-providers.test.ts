// Variables out of providers of the runtime configuration, as real guests get them (spin-contract.md §5.1, §5.2).
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startJsonServer, type JsonServer } from '../../runtime-node/src/host/key-value/testing/json-server.ts';
import { ask } from './client.ts';
import { serveGuest, type ServedGuest } from './serve-guest.ts';

const TOKEN = 'the-token-of-vault';
const secrets = new Map<string, string>();
const open: ServedGuest[] = [];
let vault: JsonServer;

beforeAll(async () => {
  vault = await startJsonServer(({ path, headers }) => {
    const value = secrets.get(path.replace('/v1/secret/data/', ''));
    if (headers['x-vault-token'] !== TOKEN) {
      return { status: 403, body: { errors: ['permission denied'] } };
    }
    return value === undefined ? { status: 404, body: { errors: [] } } : { body: { data: { data: { value } } } };
  });
});

afterAll(() => vault?.[Symbol.asyncDispose]());

afterEach(async () => {
  await Promise.all(open.splice(0).map((served) => served.stop()));
});

async function start(guest: string, token = TOKEN): Promise<ServedGuest> {
  const served = await serveGuest(guest, {
    application: `[variables]
greeting = { default = "hello" }
subject = { default = "world" }
secret = { required = true, secret = true }`,
    component: `[component.${guest}.variables]
text = "{{ greeting }}, {{ subject }}!"
key = "{{ secret }}"`,
    run: {
      variableEnv: { SPIN_VARIABLE_GREETING: 'from the environment' },
      runtimeConfig: {
        file: 'runtime-config.toml',
        text: `[[variables_provider]]
type = "vault"
url = "${vault.url}"
token = "${token}"
mount = "secret"
[[variables_provider]]
type = "static"
values = { subject = "fixed" }`,
      },
    },
  });
  open.push(served);
  return served;
}

const bodyOf = async ({ port }: ServedGuest, path: string): Promise<string | undefined> => (await ask(port, path)).body;

describe('variables of a Vault', () => {
  it('are asked for each time, before what comes after Vault in the order', async () => {
    secrets.clear();
    const served = await start('svars');
    expect(await bodyOf(served, '/text')).toBe('from the environment, fixed!\n');
    secrets.set('subject', 'vault');
    secrets.set('secret', 's3');
    expect(await bodyOf(served, '/text')).toBe('from the environment, vault!\n');
    expect(await bodyOf(served, '/key')).toBe('s3\n');
    secrets.set('secret', 'rotated');
    expect(await bodyOf(served, '/key')).toBe('rotated\n');
  });

  it('that Vault and nobody else has are an error of the provider', async () => {
    secrets.clear();
    const served = await start('svars');
    expect(await bodyOf(served, '/key')).toBe(
      'error Error::Provider("no provider resolved required variable \\"secret\\"")\n',
    );
  });

  it('reach wasi:config too', async () => {
    secrets.set('secret', 's3');
    const served = await start('rconfig');
    expect(await bodyOf(served, '/key')).toBe('Some("s3")\n');
    expect(await bodyOf(served, '/')).toBe('key=s3\ntext=from the environment, fixed!\n');
  });

  it('that Vault does not let us read are an error, in which there is no token', async () => {
    const served = await start('svars', 'another-token');
    const body = await bodyOf(served, '/text');
    expect(body).toBe('error Error::Provider("Failed to check Vault for config: the server answers 403")\n');
    expect(`${served.notes.join()}${served.errors.join()}${served.output()}`).not.toContain('token');
  });
});
