// Every key of the runtime configuration (spin-contract.md §5.1): taken as it stands here, and refused by its name, without
// its value, when it is of the wrong type; so is a key that is not here, in every table.
import { stringify, parse } from 'smol-toml';
import { UserError } from '@spindle/api';
import { describe, expect, it } from 'vitest';
import { directorySetting, parseRuntimeConfig, sectionsOf } from '../app/runtime-config.ts';
import { NETWORK_CONFIG_KEY, parseNetworkConfig } from '../host/network/index.ts';
import { parseProviders } from '../host/variables/providers/config.ts';
import { INSTANCE_MEMORY_KEY, instanceMemorySetting } from '../limits/index.ts';
import { hostCapabilities } from './capabilities.ts';

const WHOLE = `
state_dir = "state"
log_dir = "logs"
max_instance_memory = 134217728

[key_value_store.default]
type = "spin"
path = "kv.db"

[key_value_store.redis]
type = "redis"
url = "redis://localhost"

[key_value_store.cosmos]
type = "azure_cosmos"
account = "account"
database = "database"
container = "container"
key = "c2VjcmV0"

[key_value_store.dynamo]
type = "aws_dynamo"
region = "eu-west-1"
table = "table"
access_key = "access"
secret_key = "s3cret"
token = "s3cret"
consistent_read = true

[sqlite_database.default]
type = "spin"
path = "a.db"
allow_attach_file = true

[sqlite_database.remote]
type = "libsql"
url = "https://db.example"
token = "s3cret"

[llm_compute]
type = "remote_http"
url = "https://llm.example"
auth_token = "s3cret"
api_type = "open_ai"

[[variables_provider]]
type = "vault"
url = "http://127.0.0.1:8200"
token = "s3cret"
mount = "secret"
prefix = "app"

[[variables_provider]]
type = "azure_key_vault"
vault_url = "https://v.vault.azure.net"
client_id = "id"
client_secret = "s3cret"
tenant_id = "tenant"
authority_host = "AzureGovernment"

[[variables_provider]]
type = "static"
values = { a = "s3cret" }

[[variables_provider]]
type = "env"
prefix = "APP"
dotenv_path = ".env"

[outbound_http]
connection_pooling = true
max_connections = 10

[outbound_redis]
max_connections = 1

[outbound_pg]
max_connections = 1

[outbound_mysql]
max_connections = 1

[outbound_mqtt]
max_connections = 1
max_payload_size_bytes = 1024

[outbound_networking]
block_networks = ["1.1.1.1/32", "private"]
max_socket_connections = 100
max_total_connections = 200

[[client_tls]]
component_ids = ["c"]
hosts = ["example.com"]
ca_use_platform_roots = true
ca_use_webpki_roots = false
ca_roots_file = "roots.pem"
client_cert_file = "c.pem"
client_private_key_file = "k.pem"
`;

const FILE = 'runtime-config.toml';

/** What a start reads of it, files aside. */
function read(text: string): void {
  const capabilities = hostCapabilities({});
  const config = parseRuntimeConfig(text, FILE, capabilities);
  directorySetting(config, 'state_dir');
  directorySetting(config, 'log_dir');
  instanceMemorySetting(config.sections[INSTANCE_MEMORY_KEY], FILE);
  parseNetworkConfig(config.sections[NETWORK_CONFIG_KEY]);
  parseProviders(config.sections);
  for (const capability of capabilities) {
    capability.parse(sectionsOf(config, capability));
  }
}

type Tree = Record<string, unknown>;

const isTable = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The tables within, each with its name as errors write it. */
function tablesIn(table: Tree, name = ''): [string, Tree][] {
  const within = Object.entries(table).flatMap(([key, value]) => {
    const path = name === '' ? key : `${name}.${key}`;
    const list = Array.isArray(value) ? value : [value];
    return list.flatMap((entry: unknown, index) =>
      isTable(entry) ? tablesIn(entry, Array.isArray(value) ? `${path}[${index}]` : path) : [],
    );
  });
  return [[name, table], ...within];
}

/** Labels of stores, and names of variables, may be anything. */
const OPEN = new Set(['', 'key_value_store', 'sqlite_database', 'variables_provider[2].values']);

const tables = tablesIn(parse(WHOLE)).map(([name]) => name);
const keys = tablesIn(parse(WHOLE)).flatMap(([name, table]) =>
  Object.keys(table)
    .filter((key) => !isTable(table[key]) && !(Array.isArray(table[key]) && isTable(table[key][0])))
    .map((key) => [name, key] as const),
);

/** The text after `change` of one table, and what is said of it. */
function refusal(name: string, change: (table: Tree) => void): UserError {
  const whole = parse(WHOLE) as Tree;
  change(tablesIn(whole).find(([found]) => found === name)?.[1] as Tree);
  try {
    read(stringify(whole));
  } catch (error) {
    if (error instanceof UserError) {
      return error;
    }
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('the runtime configuration', () => {
  it('is taken with every key that there is', () => {
    expect(() => read(WHOLE)).not.toThrow();
    expect(keys.length).toBe(62);
  });

  it('takes the older names: config_provider, and max_concurrent_requests in place of max_connections', () => {
    const older = WHOLE.replaceAll('[[variables_provider]]', '[[config_provider]]').replace(
      'connection_pooling = true\nmax_connections = 10',
      'max_concurrent_requests = 9',
    );
    expect(() => read(older)).not.toThrow();
  });

  it.each(tables.filter((name) => !OPEN.has(name)))('refuses a key of [%s] that there is not, by name', (name) => {
    const { place, code } = refusal(name, (table) => (table['no_such_key'] = 's3cret'));
    expect([code, place.field]).toEqual(['SPK4001', `${name}.no_such_key`]);
  });

  it('refuses a section that there is not, by name', () => {
    expect(refusal('', (table) => (table['key_value_stores'] = {})).place.field).toBe('key_value_stores');
  });

  it.each(keys)('refuses [%s] %s of the wrong type, by name and without its value', (name, key) => {
    const error = refusal(name, (table) => (table[key] = [['s3cret']]));
    const field = name === '' ? key : `${name}.${key}`;
    expect(error.place.field).toBe(field);
    // What is no secret may be shown.
    const shown = ['type', 'block_networks'].includes(key) ? '' : JSON.stringify([error.message, error.remedy]);
    expect(shown).not.toContain('s3cret');
  });
});
