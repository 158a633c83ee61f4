// Templates in an archive (.tar.gz) that a web server has. Its content is not trusted: what could lead out of the folder,
// or fill the disk, ends the unpacking.
import { createWriteStream } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UserError } from '@spindle/api';
import { readArchive } from '@spindle/oci';
import { downloadFailed, unusableTarball } from '../errors.ts';

/** An answer that has not begun by then does not come. */
const ANSWER_MS = 30_000;

/** No templates are larger; an asset that is does not belong into one. */
const MOST_BYTES = 256 * 2 ** 20;

const LIMITS = { entries: 10_000, bytes: MOST_BYTES, ratio: 200, ratioFrom: 2 ** 20 };

/** Resolves to the folder that holds what the archive is about: `into`, or the only folder in it. */
export async function unpackTarball(url: string, into: string): Promise<string> {
  const body = await download(url);
  const origin = { where: url, layer: 'tar' };
  await readArchive(body, (name, content) => write(join(into, name), content), origin, LIMITS).catch(
    (cause: unknown) => {
      throw cause instanceof UserError ? unusableTarball(url, cause) : cause;
    },
  );
  return withoutOuterFolder(into);
}

async function write(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await pipeline(content, createWriteStream(path, { flags: 'wx' }));
}

async function download(url: string): Promise<AsyncIterable<Uint8Array>> {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw downloadFailed(url, 'it is no URL of a web server');
  }
  const slow = AbortSignal.timeout(ANSWER_MS);
  const headers = new AbortController();
  const giveUp = (): void => headers.abort(slow.reason);
  slow.addEventListener('abort', giveUp);
  try {
    const response = await fetch(parsed, { signal: headers.signal });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw downloadFailed(url, `the server answered ${response.status} ${response.statusText}`.trimEnd());
    }
    return response.body;
  } catch (cause) {
    throw cause instanceof TypeError || cause === slow.reason
      ? downloadFailed(url, cause instanceof TypeError ? 'the server cannot be reached' : 'no answer came', cause)
      : cause;
  } finally {
    slow.removeEventListener('abort', giveUp);
  }
}

/** Archives of a repository have all in one folder, which is named after the version. */
async function withoutOuterFolder(folder: string): Promise<string> {
  const [only, ...others] = await readdir(folder, { withFileTypes: true });
  const isOuter = only?.isDirectory() === true && others.length === 0 && only.name !== 'templates';
  return isOuter ? join(folder, only.name) : folder;
}
