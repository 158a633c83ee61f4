// `[[variables_provider]]` of the runtime configuration, in order (spin-contract.md §5.1). Errors name keys, never values:
// some are secret.
import { UserError } from '@spindle/api';
import { tableOf } from '../../network/index.ts';

export interface VaultConfig {
  readonly type: 'vault';
  readonly url: URL;
  readonly token: string;
  readonly mount: string;
  readonly prefix: string | undefined;
}

export interface AzureKeyVaultConfig {
  readonly type: 'azure_key_vault';
  readonly vaultUrl: string;
  /** Undefined: whatever Azure finds around this process. */
  readonly credentials: AzureCredentials | undefined;
}

export interface AzureCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tenantId: string;
  readonly authorityHost: string;
}

export interface StaticConfig {
  readonly type: 'static';
  readonly values: ReadonlyMap<string, string>;
}

export interface EnvConfig {
  readonly type: 'env';
  readonly prefix: string | undefined;
  readonly dotenvPath: string | undefined;
}

export type ProviderConfig = VaultConfig | AzureKeyVaultConfig | StaticConfig | EnvConfig;

const KEY = 'variables_provider';
/** The older name. */
const ALIAS = 'config_provider';

const PROVIDER_KEYS = [KEY, ALIAS];

const AUTHORITY_HOSTS: ReadonlyMap<string, string> = new Map([
  ['AzurePublicCloud', 'https://login.microsoftonline.com/'],
  ['AzureChina', 'https://login.chinacloudapi.cn/'],
  ['AzureGermany', 'https://login.microsoftonline.de/'],
  ['AzureGovernment', 'https://login.microsoftonline.us/'],
]);

export function parseProviders(sections: Readonly<Record<string, unknown>>): ProviderConfig[] {
  const given = PROVIDER_KEYS.filter((key) => sections[key] !== undefined);
  const [name = KEY] = given;
  if (given.length > 1) {
    throw invalid(ALIAS, `${ALIAS} and ${KEY} are two names of one list`, `Keep [[${KEY}]].`);
  }
  const list = sections[name] ?? [];
  if (!Array.isArray(list)) {
    throw invalid(name, `${name} is not a list of tables`, `Begin each with [[${name}]].`);
  }
  return (list as unknown[]).map((provider, index) => parseProvider(provider, `${name}[${index}]`));
}

function parseProvider(raw: unknown, field: string): ProviderConfig {
  const type = (raw as { readonly type?: unknown } | null)?.type;
  switch (type) {
    case 'vault': {
      const table = keys(raw, field, ['url', 'token', 'mount', 'prefix']);
      const url = URL.parse(table.required('url'));
      if (url === null || !['http:', 'https:'].includes(url.protocol)) {
        throw invalid(`${field}.url`, `${field}.url is not the URL of an HTTP server`, 'Write "https://<host>:8200".');
      }
      return {
        type,
        url,
        token: table.header('token'),
        mount: table.required('mount'),
        prefix: table.optional('prefix'),
      };
    }
    case 'azure_key_vault':
      return parseAzure(raw, field);
    case 'static':
      return { type, values: parseValues(tableOf(raw, field, ['type', 'values'])['values'], `${field}.values`) };
    case 'env': {
      const table = keys(raw, field, ['prefix', 'dotenv_path']);
      return { type, prefix: table.optional('prefix'), dotenvPath: table.optional('dotenv_path') };
    }
    default:
      throw invalid(
        `${field}.type`,
        type === undefined ? `${field}.type is missing` : `${field}.type is no type of variables provider`,
        'Write "vault", "azure_key_vault", "static" or "env".',
      );
  }
}

function parseAzure(raw: unknown, field: string): AzureKeyVaultConfig {
  const table = keys(raw, field, ['vault_url', 'client_id', 'client_secret', 'tenant_id', 'authority_host']);
  const vaultUrl = table.required('vault_url');
  if (URL.parse(vaultUrl)?.protocol !== 'https:') {
    throw invalid(
      `${field}.vault_url`,
      `${field}.vault_url is not an HTTPS URL`,
      'Write "https://<name>.vault.azure.net".',
    );
  }
  const [clientId, clientSecret, tenantId] = ['client_id', 'client_secret', 'tenant_id'].map(table.optional);
  const cloud = table.optional('authority_host') ?? 'AzurePublicCloud';
  const authorityHost = AUTHORITY_HOSTS.get(cloud);
  if (authorityHost === undefined) {
    const names = [...AUTHORITY_HOSTS.keys()].join(', ');
    throw invalid(`${field}.authority_host`, `${field}.authority_host is no cloud of Azure`, `Write one of ${names}.`);
  }
  if (clientId === undefined && clientSecret === undefined && tenantId === undefined) {
    return { type: 'azure_key_vault', vaultUrl, credentials: undefined };
  }
  if (clientId === undefined || clientSecret === undefined || tenantId === undefined) {
    throw invalid(
      field,
      `${field} has some but not all of client_id, client_secret and tenant_id`,
      'Give all three, or none for the credentials of the environment.',
    );
  }
  return { type: 'azure_key_vault', vaultUrl, credentials: { clientId, clientSecret, tenantId, authorityHost } };
}

function parseValues(raw: unknown, field: string): ReadonlyMap<string, string> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw invalid(field, `${field} is not a table`, 'Write values = { name = "value" }.');
  }
  return new Map(
    Object.entries(raw).map(([name, value]: [string, unknown]) => {
      if (typeof value !== 'string') {
        throw invalid(`${field}.${name}`, `${field}.${name} is not a string`, 'Put the value in quotes.');
      }
      return [name, value];
    }),
  );
}

/** A table with no other keys than these and `type`, read as strings. */
function keys(raw: unknown, field: string, known: readonly string[]) {
  const table = tableOf(raw, field, ['type', ...known]);
  const optional = (key: string): string | undefined => {
    const value = table[key];
    if (value !== undefined && (typeof value !== 'string' || value === '')) {
      throw invalid(`${field}.${key}`, `${field}.${key} is not text`, 'Put it in quotes.');
    }
    return value;
  };
  const required = (key: string): string => {
    const value = optional(key);
    if (value === undefined) {
      throw invalid(`${field}.${key}`, `${field}.${key} is missing`, `Write ${key} = "…".`);
    }
    return value;
  };
  return {
    optional,
    required,
    /** Text that can stand in a header. */
    header: (key: string): string => {
      const value = required(key);
      if (!/^[\x21-\x7e]+$/.test(value)) {
        throw invalid(
          `${field}.${key}`,
          `${field}.${key} has characters that no token has`,
          'Check for a line end in it.',
        );
      }
      return value;
    },
  };
}

const invalid = (field: string, message: string, remedy: string): UserError =>
  new UserError(message, { code: 'SPK4001', field, remedy });
