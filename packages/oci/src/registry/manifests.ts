// Manifests over the distribution API: bytes in, bytes out, always checked against their digest.
import { digestOf } from '../digest.ts';
import { corruptContent, invalidManifest, notFound, unexpectedAnswer } from '../errors.ts';
import { readBounded } from './bounded.ts';
import { MANIFEST_ACCEPT } from './manifest.ts';
import type { RegistrySession } from './session.ts';

const MAX_MANIFEST_BYTES = 4 * 1024 * 1024; // The size that registries must take (distribution-spec 1.1, "Pushing Manifests").

export interface StoredManifest {
  readonly bytes: Buffer;
  readonly digest: string;
}

/** By tag or digest. */
export async function getManifest(session: RegistrySession, reference: string): Promise<StoredManifest> {
  return await session.repeat(async () => {
    const answer = await session.send({
      method: 'GET',
      target: `/v2/${session.repository}/manifests/${reference}`,
      access: 'pull',
      headers: { accept: MANIFEST_ACCEPT },
      expect: [200, 404],
    });
    if (answer.status === 404) {
      await answer.discard();
      throw notFound(`manifest ${session.repository} ${reference}`, session.where);
    }
    const bytes = await readBounded(answer.body, MAX_MANIFEST_BYTES);
    if (bytes === undefined) {
      throw invalidManifest(session.where, '', `it is larger than ${MAX_MANIFEST_BYTES} bytes`);
    }
    const digest = digestOf(bytes);
    const promised = reference.includes(':') ? reference : answer.headers.get('docker-content-digest');
    if (promised !== null && promised !== digest) {
      throw corruptContent(session.where, promised, `the digest of the manifest is ${digest}`);
    }
    return { bytes, digest };
  });
}

/** Stores a manifest under a tag or its digest; gives its digest. Storing it twice is storing it once. */
export async function putManifest(
  session: RegistrySession,
  reference: string,
  bytes: Uint8Array,
  mediaType: string,
): Promise<string> {
  const digest = digestOf(bytes);
  return await session.repeat(async () => {
    const answer = await session.send({
      method: 'PUT',
      target: `/v2/${session.repository}/manifests/${reference}`,
      access: 'push',
      headers: { 'content-type': mediaType },
      body: { size: bytes.byteLength, open: () => once(bytes) },
      expect: [200, 201, 202],
    });
    await answer.discard();
    const stored = answer.headers.get('docker-content-digest');
    if (stored !== null && stored !== digest) {
      throw unexpectedAnswer(session.registry, session.where, `that it stored ${stored} instead of ${digest}`);
    }
    return digest;
  });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}
