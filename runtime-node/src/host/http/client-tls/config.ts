// `[[client_tls]]` of the runtime configuration (spin-contract.md §5.1): whom a component trusts, and what it shows of itself,
// when it asks one of these hosts over HTTPS. Pure: files are read when the app opens.
import { kebabIdProblem, UserError } from '@spindle/api';
import { tableOf } from '../../network/index.ts';

export interface ClientTlsConfig {
  readonly componentIds: readonly string[];
  /** As the target of a request has them. */
  readonly hosts: readonly string[];
  /** Whose authorities are trusted besides those of the file. */
  readonly platformRoots: boolean;
  readonly webpkiRoots: boolean;
  readonly rootsFile: string | undefined;
  readonly identity: ClientIdentityFiles | undefined;
  /** Its place, for errors. */
  readonly field: string;
}

export interface ClientIdentityFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export const CLIENT_TLS_KEY = 'client_tls';

const KEYS = [
  'component_ids',
  'hosts',
  'ca_use_platform_roots',
  'ca_use_webpki_roots',
  'ca_roots_file',
  'client_cert_file',
  'client_private_key_file',
];

export function parseClientTls(section: unknown): ClientTlsConfig[] {
  if (section === undefined) {
    return [];
  }
  if (!Array.isArray(section)) {
    throw invalid(
      CLIENT_TLS_KEY,
      `${CLIENT_TLS_KEY} is not a list of tables`,
      `Begin each with [[${CLIENT_TLS_KEY}]].`,
    );
  }
  return (section as unknown[]).map((entry, index) => parseEntry(entry, `${CLIENT_TLS_KEY}[${index}]`));
}

function parseEntry(raw: unknown, field: string): ClientTlsConfig {
  const table = tableOf(raw, field, KEYS);
  const rootsFile = path(table, 'ca_roots_file', field);
  const platform = flag(table, 'ca_use_platform_roots', field);
  const webpki = flag(table, 'ca_use_webpki_roots', field);
  // Who names some authorities trusts no others.
  const platformRoots = platform ?? (webpki === undefined && rootsFile === undefined);
  const webpkiRoots = webpki ?? false;
  if (!platformRoots && !webpkiRoots && rootsFile === undefined) {
    throw invalid(
      field,
      `${field} trusts nobody: at least one of 'ca_use_platform_roots', 'ca_use_webpki_roots', or 'ca_roots_file' must be set`,
      'Set one of them to true, or name a file of authorities.',
    );
  }
  return {
    componentIds: texts(table, 'component_ids', field).map((id) => componentId(id, `${field}.component_ids`)),
    hosts: texts(table, 'hosts', field).map((host) => hostName(host, `${field}.hosts`)),
    platformRoots,
    webpkiRoots,
    rootsFile,
    identity: identity(table, field),
    field,
  };
}

function identity(table: Readonly<Record<string, unknown>>, field: string): ClientIdentityFiles | undefined {
  const certFile = path(table, 'client_cert_file', field);
  const keyFile = path(table, 'client_private_key_file', field);
  if (certFile === undefined && keyFile === undefined) {
    return undefined;
  }
  if (certFile === undefined || keyFile === undefined) {
    const [given, missing] =
      certFile === undefined
        ? ['client_private_key_file', 'client_cert_file']
        : ['client_cert_file', 'client_private_key_file'];
    throw invalid(`${field}.${given}`, `${given} specified without ${missing}`, 'Give both, or neither.');
  }
  return { certFile, keyFile };
}

function texts(table: Readonly<Record<string, unknown>>, key: string, field: string): string[] {
  const list = table[key];
  if (!Array.isArray(list) || list.some((entry) => typeof entry !== 'string')) {
    throw invalid(`${field}.${key}`, `${field}.${key} is not a list of strings`, `Write ${key} = ["…"].`);
  }
  if (list.length === 0) {
    throw invalid(`${field}.${key}`, `'${key}' list may not be empty`, `Name at least one, or remove the table.`);
  }
  return list as string[];
}

function componentId(id: string, field: string): string {
  const problem = kebabIdProblem(id);
  if (problem !== undefined) {
    throw invalid(field, `${JSON.stringify(id)} is no component id: ${problem}`, 'Write the id as in spin.toml.');
  }
  return id;
}

/** A name or an address, and nothing else of a URL. */
function hostName(text: string, field: string): string {
  const url = /^[^/?#@\\\s]+$/.test(text) ? URL.parse(`https://${text}/`) : null;
  if (url === null || url.hostname.includes('*')) {
    throw invalid(
      field,
      `invalid TLS 'host' ${JSON.stringify(text)}`,
      'Write the name as it is asked for: no wildcard.',
    );
  }
  // URL drops the port that is the scheme's own.
  if (/:\d*$/.test(text.replace(/^\[[^\]]*\]/, ''))) {
    throw invalid(field, `invalid TLS 'host' ${JSON.stringify(text)}; ports not currently supported`, 'Leave it out.');
  }
  return url.hostname.replace(/^\[|\]$/g, '');
}

function path(table: Readonly<Record<string, unknown>>, key: string, field: string): string | undefined {
  const value = table[key];
  if (value !== undefined && (typeof value !== 'string' || value === '')) {
    throw invalid(
      `${field}.${key}`,
      `${field}.${key} is not a path`,
      'Write it in quotes, from the folder of this file on.',
    );
  }
  return value;
}

function flag(table: Readonly<Record<string, unknown>>, key: string, field: string): boolean | undefined {
  const value = table[key];
  if (value !== undefined && typeof value !== 'boolean') {
    throw invalid(`${field}.${key}`, `${field}.${key} must be true or false`, 'Write it without quotes.');
  }
  return value;
}

const invalid = (field: string, message: string, remedy: string): UserError =>
  new UserError(message, { code: 'SPK4001', field, remedy });
