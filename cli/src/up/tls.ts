// The files of `--tls-cert` and `--tls-key`, checked before the app is loaded, each by the name the user gave.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import { incompleteTls, mismatchedTls, unusableTlsFile } from '../errors.ts';
import { readBytes } from '../given-file.ts';
import type { UpFlags } from './options.ts';

/** PEM. */
export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export async function readTlsFiles({ tlsCert, tlsKey }: UpFlags, cwd: string): Promise<TlsFiles | undefined> {
  if (tlsCert === undefined && tlsKey === undefined) {
    return undefined;
  }
  if (tlsCert === undefined || tlsKey === undefined) {
    throw incompleteTls(tlsCert === undefined ? '--tls-cert' : '--tls-key');
  }
  const [certPath, keyPath] = [resolve(cwd, tlsCert), resolve(cwd, tlsKey)];
  const files = { cert: readBytes(certPath, '--tls-cert'), key: readBytes(keyPath, '--tls-key') };
  attempt(
    () => new X509Certificate(files.cert),
    (cause) => unusableTlsFile(certPath, '--tls-cert', 'certificate', cause),
  );
  attempt(
    () => createPrivateKey(files.key),
    (cause) => unusableTlsFile(keyPath, '--tls-key', 'private key', cause),
  );
  const { createSecureContext } = await import('node:tls');
  attempt(
    () => createSecureContext(files),
    (cause) => mismatchedTls(certPath, keyPath, cause),
  );
  return files;
}

function attempt(check: () => unknown, failure: (cause: unknown) => Error): void {
  try {
    check();
  } catch (cause) {
    throw failure(cause);
  }
}
