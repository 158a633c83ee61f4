// Content digests: the form, and the check of content against its digest while it streams.
// A caller never sees the end of a stream whose bytes were not the promised ones (OCI image-spec, descriptor.md).
import { createHash, type Hash } from 'node:crypto';
import { corruptContent, invalidDigest } from './errors.ts';

const DIGEST = /^sha256:[0-9a-f]{64}$/;

export const isDigest = (text: string): boolean => DIGEST.test(text);

export function assertDigest(text: string, where: string, field?: string): string {
  if (!isDigest(text)) {
    throw invalidDigest(text, where, field);
  }
  return text;
}

export const digestOf = (bytes: Uint8Array): string => digestFrom(createHash('sha256').update(bytes));

export const digestFrom = (hash: Hash): string => `sha256:${hash.digest('hex')}`;

/** What content must turn out to be. */
export interface Expected {
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

/**
 * Passes content through and throws instead of ending when it is not what it should be. It stops at the first byte
 * too many: a registry cannot fill the disk with a blob that claims to be small.
 */
export async function* verified(
  content: AsyncIterable<Uint8Array>,
  expected: Expected,
  where: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of content) {
    size += chunk.byteLength;
    if (size > expected.size) {
      throw corruptContent(where, expected.digest, `more than the ${expected.size} bytes that its descriptor says`);
    }
    hash.update(chunk);
    yield chunk;
  }
  if (size < expected.size) {
    throw corruptContent(where, expected.digest, `${size} bytes instead of ${expected.size}`);
  }
  const actual = digestFrom(hash);
  if (actual !== expected.digest) {
    throw corruptContent(where, expected.digest, `its digest is ${actual}`);
  }
}
