// containerd's content store as a registry: so that the same client reads an application from it that pulls one elsewhere, with
// the same checks of digests, types and archives.
import { isRpcError } from '../ttrpc/index.ts';
import type { ContainerdClient } from './client.ts';

const NOT_FOUND = 404;

const TARGET = /^\/v2\/.+\/(?:manifests|blobs)\/(sha256:[0-9a-f]{64})$/;

export function contentFetch(containerd: Pick<ContainerdClient, 'content'>): typeof globalThis.fetch {
  return async (input) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    const digest = TARGET.exec(pathname)?.[1];
    if (digest === undefined) {
      return new Response(null, { status: NOT_FOUND });
    }
    const pieces = containerd.content(digest);
    try {
      const first = await pieces.next();
      return new Response(ReadableStream.from(withFirst(first, pieces)));
    } catch (error) {
      if (isRpcError(error, 'notFound')) {
        return new Response(null, { status: NOT_FOUND });
      }
      throw error;
    }
  };
}

async function* withFirst(
  first: IteratorResult<Uint8Array, void>,
  rest: AsyncGenerator<Uint8Array, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (!first.done) {
    yield first.value;
    yield* rest;
  }
}
