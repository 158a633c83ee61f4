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
  const { createSecureContext } = await import('node:tls');
  const certificate = attempt(
    () => {
      // What the listener will do with it: it takes PEM only.
      createSecureContext({ cert: files.cert });
      return new X509Certificate(files.cert);
    },
    (cause) => unusableTlsFile(certPath, '--tls-cert', 'certificate', cause),
  );
  const key = attempt(
    () => createPrivateKey(files.key),
    (cause) => unusableTlsFile(keyPath, '--tls-key', 'private key', cause),
  );
  // OpenSSL compares the two only when they are of one algorithm; others it keeps side by side, and every handshake fails.
  if (!certificate.checkPrivateKey(key)) {
    throw mismatchedTls(certPath, keyPath);
  }
  return files;
}

function attempt<T>(check: () => T, failure: (cause: unknown) => Error): T {
  try {
    return check();
  } catch (cause) {
    throw failure(cause);
  }
}
