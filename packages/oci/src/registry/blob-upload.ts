// Puts a blob into a repository: asks first, then opens an upload and sends it in one piece (distribution-spec 1.1,
// "Pushing a blob monolithically: POST then PUT").
import { unexpectedAnswer } from '../errors.ts';
import type { Descriptor } from '../types.ts';
import type { RegistrySession } from './session.ts';
import type { RequestBody } from './transport.ts';

export type BlobSource = Pick<Descriptor, 'digest' | 'size'> & Pick<RequestBody, 'open'>;

/** Whether the registry has it already; a redirect to the storage says so as well. */
async function hasBlob(session: RegistrySession, digest: string, signal: AbortSignal | undefined): Promise<boolean> {
  const answer = await session.send({
    method: 'HEAD',
    target: `/v2/${session.repository}/blobs/${digest}`,
    access: 'push',
    expect: [200, 301, 302, 303, 307, 308, 404],
    keepRedirect: true,
    signal,
  });
  await answer.discard();
  return answer.status !== 404;
}

/**
 * One request of an upload cannot be repeated, since the first may have ended its session, but the whole can: a blob
 * is stored under its digest, and a new session that stores it again changes nothing.
 */
export async function uploadBlob(
  session: RegistrySession,
  blob: BlobSource,
  signal: AbortSignal | undefined = session.signal,
): Promise<'uploaded' | 'present'> {
  return await session.repeat(async () => {
    if (await hasBlob(session, blob.digest, signal)) {
      return 'present';
    }
    await finishUpload(session, await startUpload(session, signal), blob, signal);
    return 'uploaded';
  }, signal);
}

async function startUpload(session: RegistrySession, signal: AbortSignal | undefined): Promise<URL> {
  const answer = await session.send({
    method: 'POST',
    target: `/v2/${session.repository}/blobs/uploads/`,
    access: 'push',
    expect: [202],
    signal,
  });
  await answer.discard();
  const location = answer.headers.get('location');
  if (location === null) {
    throw unexpectedAnswer(session.registry, session.where, '202 without the location of the upload');
  }
  // Absolute or relative to the request, at the registry's choice.
  return session.resolve(location, answer.url);
}

async function finishUpload(
  session: RegistrySession,
  location: URL,
  blob: BlobSource,
  signal: AbortSignal | undefined,
): Promise<void> {
  const url = new URL(location);
  // The query may hold state, even signed: it is added to as text, never taken apart and written anew.
  url.search = `${url.search === '' ? '?' : `${url.search}&`}digest=${encodeURIComponent(blob.digest)}`;
  const answer = await session.send({
    method: 'PUT',
    target: url,
    access: 'push',
    headers: { 'content-type': 'application/octet-stream' },
    body: { size: blob.size, open: blob.open },
    expect: [201, 204],
    signal,
  });
  await answer.discard();
  const stored = answer.headers.get('docker-content-digest');
  if (stored !== null && stored !== blob.digest) {
    throw unexpectedAnswer(session.registry, session.where, `that it stored ${stored} instead of ${blob.digest}`);
  }
}
