// Reads the files that `[[client_tls]]` names, at start, so that what is wrong with them is known before the first request.
// Never tells what is in them.
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createSecureContext, getCACertificates } from 'node:tls';
import { UserError } from '@spindle/api';
import { ClientTls, type TlsTrust } from './client-tls.ts';
import type { ClientIdentityFiles, ClientTlsConfig } from './config.ts';

/** `configDir`: where relative paths start. */
export async function openClientTls(
  configs: readonly ClientTlsConfig[],
  configDir: string,
  otherwise: TlsTrust['secureContext'],
): Promise<ClientTls> {
  const trusts = await Promise.all(
    configs.map(async (config, index) => ({ config, trust: await openTrust(config, configDir, `tls${index}`) })),
  );
  return new ClientTls(trusts, otherwise);
}

async function openTrust(config: ClientTlsConfig, configDir: string, id: string): Promise<TlsTrust> {
  const { rootsFile, field, identity } = config;
  const own =
    rootsFile === undefined ? [] : await certificates(resolve(configDir, rootsFile), `${field}.ca_roots_file`);
  const shown = identity === undefined ? {} : await identityIn(identity, configDir, field);
  const ca = [...own, ...(config.platformRoots ? platformRoots() : []), ...(config.webpkiRoots ? webpkiRoots() : [])];
  try {
    const context = createSecureContext({ ca, ...shown });
    return { id, secureContext: () => context };
  } catch (cause) {
    // expected: a key that is none, or of another certificate
    throw unusable(
      `${field}.client_private_key_file`,
      `the private key and the certificate of ${field} do not go together: ${reasonOf(cause)}`,
      'Give the key of the first certificate in client_cert_file, in PEM and without a password.',
      identity && resolve(configDir, identity.keyFile),
      cause,
    );
  }
}

async function identityIn({ certFile, keyFile }: ClientIdentityFiles, configDir: string, field: string) {
  const chain = await certificates(resolve(configDir, certFile), `${field}.client_cert_file`);
  const file = resolve(configDir, keyFile);
  const key = await textOf(file, `${field}.client_private_key_file`, 'key');
  if (!/-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/.test(key)) {
    throw unusable(
      `${field}.client_private_key_file`,
      `failed to load key from '${file}': there is no private key in it`,
      'Give a private key in PEM that is not encrypted.',
      file,
    );
  }
  return { cert: chain.join('\n'), key };
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Every certificate of the file, in PEM. */
async function certificates(file: string, field: string): Promise<string[]> {
  const found = (await textOf(file, field, 'certificate(s)')).match(PEM_CERTIFICATE) ?? [];
  const isSound = found.every((pem) => {
    try {
      return new X509Certificate(pem).raw.length > 0;
    } catch {
      // expected: it is none
      return false;
    }
  });
  if (found.length === 0 || !isSound) {
    const what = found.length === 0 ? 'there is no certificate in it' : 'what is in it is no certificate';
    throw unusable(
      field,
      `failed to load certificate(s) from '${file}': ${what}`,
      'Give a file of certificates in PEM.',
      file,
    );
  }
  return found;
}

async function textOf(file: string, field: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw unusable(
      field,
      `failed to load ${what} from '${file}': ${reasonOf(cause)}`,
      'Relative paths start from the folder of the runtime configuration.',
      file,
      cause,
    );
  }
}

/** Where the platform has none, those that Node brings. */
function platformRoots(): string[] {
  const system = getCACertificates('system');
  return [...(system.length === 0 ? getCACertificates('bundled') : system), ...getCACertificates('extra')];
}

/** Those of Mozilla, which webpki's are too. */
const webpkiRoots = (): string[] => getCACertificates('bundled');

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

const unusable = (field: string, message: string, remedy: string, file?: string, cause?: unknown): UserError =>
  new UserError(message, { code: 'SPK4001', field, remedy, ...(file === undefined ? {} : { file }), cause });
