// A certificate that somebody else brings as files and renews, such as cert-manager by a mounted Secret.
import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { UserError } from '@spindle/api';

export interface CertFiles {
  readonly folder: string;
  readonly cert: string;
  readonly key: string;
}

export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** controller-runtime's: the kubelet replaces mounted files by links, which no notification survives. */
const LOOK_MS = 10_000;

/** Hears of each time that files are read. */
export type ReadObserver = (isGood: boolean) => void;

/** Undefined when there are none. */
export async function findCertFiles(files: CertFiles, observe: ReadObserver = () => {}): Promise<Pair | undefined> {
  try {
    const pair = await readPair(files);
    if (pair !== undefined) {
      observe(true);
    }
    return pair;
  } catch (error) {
    observe(false);
    throw error;
  }
}

async function readPair({ folder, cert, key }: CertFiles): Promise<Pair | undefined> {
  if (folder === '') {
    return undefined;
  }
  const [certText, keyText] = [await readIfThere(join(folder, cert)), await readIfThere(join(folder, key))];
  if (certText === undefined && keyText === undefined) {
    return undefined;
  }
  const pair = { cert: certText ?? '', key: keyText ?? '' };
  try {
    createSecureContext(pair);
  } catch (cause) {
    throw new UserError(
      `the files are not a certificate and its key: ${cause instanceof Error ? cause.message : cause}`,
      {
        code: 'SPK6002',
        file: folder,
        remedy: `Put ${cert} and ${key} there, in PEM and belonging together.`,
        cause,
      },
    );
  }
  return pair;
}

/** Tells of a new pair. A pair that is only half there is an error, and the next look may find it whole. */
export function followCertFiles(
  files: CertFiles,
  onPair: (pair: Pair) => void,
  onError: (error: unknown) => void,
  observe?: ReadObserver,
): () => void {
  const path = join(files.folder, files.cert);
  const look = async (): Promise<void> => {
    try {
      const pair = await findCertFiles(files, observe);
      if (pair !== undefined) {
        onPair(pair);
      }
    } catch (error) {
      // expected: the server goes on with what it has.
      onError(error);
    }
  };
  watchFile(path, { interval: LOOK_MS, persistent: false }, () => void look());
  return () => unwatchFile(path);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      return undefined;
    }
    throw new UserError(`a certificate cannot be read: ${cause instanceof Error ? cause.message : cause}`, {
      code: 'SPK6002',
      file: path,
      remedy: 'Check the permissions of the file.',
      cause,
    });
  }
}
