// Providers of variables in the order in which they are asked, against stand-ins for Vault and for Azure Key Vault.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVariableResolver, UserError } from '@spindle/api';
import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startJsonServer, type JsonServer } from '../../key-value/testing/json-server.ts';
import { createAzureProvider } from './azure.ts';
import { parseProviders } from './config.ts';
import { openProviders, type VariableSources } from './index.ts';
import { createVaultProvider } from './vault.ts';

const TOKEN = 's3cret-token';

/** What Vault answers as its API documents it: version 2 of the key-value engine at `secret`, version 1 at `old`. */
const startVault = (secrets: Readonly<Record<string, object>>): Promise<JsonServer> =>
  startJsonServer(({ method, path, headers }) => {
    if (headers['x-vault-token'] !== TOKEN) {
      return { status: 403, body: { errors: ['permission denied'] } };
    }
    const [, name = ''] = /^\/v1\/secret\/data\/(.+)$/.exec(path) ?? [];
    const found = secrets[decodeURIComponent(name)];
    if (method !== 'GET' || found === undefined) {
      return { status: 404, body: { errors: [] } };
    }
    const metadata = { created_time: '2026-01-01T00:00:00Z', deletion_time: '', destroyed: false, version: 1 };
    return { body: { request_id: 'r', lease_id: '', renewable: false, data: { data: found, metadata } } };
  });

let vault: JsonServer;

beforeAll(async () => {
  vault = await startVault({
    greeting: { value: 'from vault' },
    'my/prefix/api_key': { value: 'of the prefix' },
    number: { value: 5 },
    other: { password: 'x' },
  });
});

afterAll(() => vault[Symbol.asyncDispose]());

const vaultAt = (url: string, overrides: { token?: string; mount?: string; prefix?: string } = {}) => {
  const { token = TOKEN, mount = 'secret', prefix } = overrides;
  return createVaultProvider({ type: 'vault', url: new URL(url), token, mount, prefix });
};

describe('Vault', () => {
  it('gives the field "value" of the secret, with or without a prefix', async () => {
    expect(await vaultAt(vault.url).get('greeting')).toBe('from vault');
    expect(await vaultAt(vault.url, { prefix: 'my/prefix' }).get('api_key')).toBe('of the prefix');
    expect(await vaultAt(vault.url, { prefix: '/my/prefix/', mount: '/secret/' }).get('api_key')).toBe('of the prefix');
  });

  it('does not know what it has no secret for, nor anything at an engine of version 1', async () => {
    expect(await vaultAt(vault.url).get('none')).toBeUndefined();
    expect(await vaultAt(vault.url, { mount: 'old' }).get('greeting')).toBeUndefined();
    expect(vaultAt(vault.url).mayResolve('none')).toBe(true);
  });

  it.each([
    ['number', {}, 'Failed to check Vault for config: the secret "number" has no field "value" with text'],
    ['other', {}, 'Failed to check Vault for config: the secret "other" has no field "value" with text'],
    ['greeting', { token: 'wrong' }, 'Failed to check Vault for config: the server answers 403'],
  ])('that cannot be asked for %s with %o is an error', async (key, overrides, message) => {
    await expect(vaultAt(vault.url, overrides).get(key)).rejects.toThrow(message);
  });

  it.each([
    ['garbage', 'HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\ngarbage'],
    ['an answer that is cut', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{'],
    ['an answer that is too large', `HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(5_000_000)}`],
    ['no HTTP at all', 'SSH-2.0-OpenSSH\r\n'],
    ['nothing', ''],
  ])('that sends %s is an error without the token', async (_what, bytes) => {
    const server = createServer().on('connection', (socket) => {
      socket.on('error', () => {});
      socket.end(bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const error: unknown = await Promise.resolve(vaultAt(`http://127.0.0.1:${port}`).get('k')).catch(
      (thrown: unknown) => thrown,
    );
    server.close();
    expect(error).toMatchObject({ message: expect.stringContaining('Failed to check Vault for config: ') });
    expect(String(error)).not.toContain(TOKEN);
  });
});

const startKeyVault = (): Promise<JsonServer> =>
  startJsonServer(({ path, headers }, url) => {
    if (headers.authorization !== 'Bearer a token') {
      const challenge = `Bearer authorization="https://login.microsoftonline.com/tenant", resource="${url}"`;
      return { status: 401, headers: { 'www-authenticate': challenge }, body: { error: { code: 'Unauthorized' } } };
    }
    switch (path.replace(/\?.*/, '')) {
      case '/secrets/api-key/':
        return { body: { value: 'of azure', id: `${url}/secrets/api-key/1`, attributes: { enabled: true } } };
      case '/secrets/sealed/':
        return { status: 403, body: { error: { code: 'Forbidden', message: 'The user has no get permission' } } };
      default:
        return { status: 404, body: { error: { code: 'SecretNotFound', message: 'no such secret' } } };
    }
  });

describe('Azure Key Vault', () => {
  it('gives the secret of the name, in which an underscore is a hyphen', async () => {
    await using server = await startKeyVault();
    const provider = createAzureProvider(
      { type: 'azure_key_vault', vaultUrl: server.url, credentials: undefined },
      {
        credential: { getToken: async () => ({ token: 'a token', expiresOnTimestamp: Date.now() + 3_600_000 }) },
        options: {
          allowInsecureConnection: true,
          disableChallengeResourceVerification: true,
          retryOptions: { maxRetries: 0 },
        },
      },
    );
    expect(await provider.get('api_key')).toBe('of azure');
    expect(await provider.get('none')).toBeUndefined();
    await expect(provider.get('sealed')).rejects.toThrow(
      'Failed to read variable from Azure Key Vault: The user has no get permission',
    );
    expect(provider.mayResolve('none')).toBe(true);
  });
});

async function valueOf(name: string, sources: Partial<VariableSources>): Promise<string> {
  const all = { given: new Map<string, string>(), environment: {}, sections: {}, ...sources };
  const source = { content_type: 'application/wasm', inline: '' };
  const resolver = createVariableResolver({
    locked: {
      variables: { [name]: { default: 'default' } },
      components: [{ id: 'c', source, config: { v: `{{${name}}}` } }],
    },
    providers: await openProviders(all),
  });
  return resolver.get('c', 'v');
}

const vaultSection = () => ({ type: 'vault', url: vault.url, token: TOKEN, mount: 'secret' });
const fixed = (value: string) => ({ type: 'static', values: { greeting: value } });

describe('the order of providers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spindle-vars-'));

  afterEach(() => rmSync(join(folder, '.env'), { force: true }));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is the command line, the configuration as it is written, the environment, the default', async () => {
    const environment = { SPIN_VARIABLE_GREETING: 'from the environment' };
    const given = new Map([['greeting', 'from the command line']]);
    const both = { variables_provider: [vaultSection(), fixed('fixed')] };
    expect(await valueOf('greeting', { given, environment, sections: both })).toBe('from the command line');
    expect(await valueOf('greeting', { environment, sections: both })).toBe('from vault');
    const turned = { config_provider: [fixed('fixed'), vaultSection()] };
    expect(await valueOf('greeting', { environment, sections: turned })).toBe('fixed');
    expect(await valueOf('greeting', { environment })).toBe('from the environment');
    expect(await valueOf('none', { environment, sections: both })).toBe('default');
  });

  it('ends at a provider that fails', async () => {
    const sections = { variables_provider: [{ ...vaultSection(), token: 'wrong' }, fixed('fixed')] };
    await expect(valueOf('greeting', { sections })).rejects.toMatchObject({
      kind: 'provider',
      message: 'Failed to check Vault for config: the server answers 403',
    });
  });

  it('may have an environment of its own, with a file behind it', async () => {
    const dotenv = join(folder, '.env');
    writeFileSync(dotenv, '# a comment\nMY_GREETING="from the file"\nMY_OTHER=x\n');
    const sections = { variables_provider: [{ type: 'env', prefix: 'MY', dotenv_path: dotenv }] };
    expect(await valueOf('greeting', { sections })).toBe('from the file');
    expect(await valueOf('greeting', { sections, environment: { MY_GREETING: 'set' } })).toBe('set');
    rmSync(dotenv);
    await expect(valueOf('greeting', { sections })).rejects.toMatchObject({
      place: { field: 'variables_provider.dotenv_path' },
    });
  });
});

describe('the configuration of providers', () => {
  it.each([
    [{ variables_provider: {} }, 'variables_provider'],
    [{ variables_provider: [], config_provider: [] }, 'config_provider'],
    [{ variables_provider: [{}] }, 'variables_provider[0].type'],
    [{ variables_provider: ['vault'] }, 'variables_provider[0].type'],
    [{ variables_provider: [null] }, 'variables_provider[0].type'],
    [{ variables_provider: [{ type: 'etcd' }] }, 'variables_provider[0].type'],
    [{ config_provider: [{ type: 'env', prefx: 's3cret' }] }, 'config_provider[0].prefx'],
    [{ variables_provider: [{ type: 'env', prefix: '' }] }, 'variables_provider[0].prefix'],
    [{ variables_provider: [{ type: 'static' }] }, 'variables_provider[0].values'],
    [{ variables_provider: [{ type: 'static', values: { a: 1 } }] }, 'variables_provider[0].values.a'],
    [
      { variables_provider: [{ type: 'vault', url: 'vault:8200', token: 's3cret', mount: 'm' }] },
      'variables_provider[0].url',
    ],
    [
      { variables_provider: [{ type: 'vault', url: 'http://v', token: 's3cret\n', mount: 'm' }] },
      'variables_provider[0].token',
    ],
    [{ variables_provider: [{ type: 'vault', url: 'http://v', token: 's3cret' }] }, 'variables_provider[0].mount'],
    [{ variables_provider: [{ type: 'azure_key_vault' }] }, 'variables_provider[0].vault_url'],
    [{ variables_provider: [{ type: 'azure_key_vault', vault_url: 'http://v' }] }, 'variables_provider[0].vault_url'],
    [
      { variables_provider: [{ type: 'azure_key_vault', vault_url: 'https://v', client_secret: 's3cret' }] },
      'variables_provider[0]',
    ],
    [
      { variables_provider: [{ type: 'azure_key_vault', vault_url: 'https://v', authority_host: 'x' }] },
      'variables_provider[0].authority_host',
    ],
  ])('%j is refused by name, without what is secret', (sections, field) => {
    const error = thrownBy(() => parseProviders(sections));
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ place: { field } });
    expect(`${String(error)} ${(error as UserError).remedy}`).not.toContain('s3cret');
  });

  it('is read with credentials, or with those of the environment', () => {
    const azure = { type: 'azure_key_vault', vault_url: 'https://v.vault.azure.net' };
    const secret = { client_id: 'c', client_secret: 's', tenant_id: 't', authority_host: 'AzureChina' };
    expect(parseProviders({ variables_provider: [azure, { ...azure, ...secret }] })).toEqual([
      { type: 'azure_key_vault', vaultUrl: azure.vault_url, credentials: undefined },
      {
        type: 'azure_key_vault',
        vaultUrl: azure.vault_url,
        credentials: {
          clientId: 'c',
          clientSecret: 's',
          tenantId: 't',
          authorityHost: 'https://login.chinacloudapi.cn/',
        },
      },
    ]);
  });

  it('is read or refused with a UserError, whatever it holds', () => {
    fc.assert(
      fc.property(fc.array(fc.anything()), (providers) => {
        const error = thrownBy(() => parseProviders({ variables_provider: providers }));
        expect(error === undefined || error instanceof UserError).toBe(true);
      }),
    );
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    // expected: what the test is about
    return error;
  }
}
