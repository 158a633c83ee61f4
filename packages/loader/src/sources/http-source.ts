// A component named by URL and digest (spin-contract.md §1.3): taken from the shared cache when it is there, else
// downloaded into it. The content is checked while it streams, and nothing of what does not match is kept.
import { createHash } from 'node:crypto';
import { UserError } from '@spindle/api';
import type { ContentCache } from '@spindle/oci';
import { downloadFailed, wrongDigest } from '../errors.ts';

export interface HttpContent {
  readonly url: string;
  /** `sha256:<64 hex digits>`. */
  readonly digest: string;
}

export interface HttpSourceOptions {
  readonly cache: Pick<ContentCache, 'find' | 'storeAsIs'>;
  readonly fetch?: typeof globalThis.fetch | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly maxBytes?: number;
}

// A minute without one byte is a dead connection, not a slow one.
const STALL_MS = 60_000;

// The largest module that V8 compiles (kV8MaxWasmModuleSize): whatever is longer is no component, and would fill the disk.
const MAX_BYTES = 1024 ** 3;

/** Path of the content in the cache. */
export async function fetchHttpSource(content: HttpContent, options: HttpSourceOptions): Promise<string> {
  const cached = await options.cache.find(content.digest);
  if (cached !== undefined) {
    return cached;
  }
  const url = URL.parse(content.url);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw downloadFailed(content.url, 'it is not an HTTP or HTTPS URL');
  }
  const { path } = await options.cache.storeAsIs('wasm', download(url, content.digest, options));
  return path;
}

async function* download(from: URL, digest: string, options: HttpSourceOptions): AsyncGenerator<Uint8Array> {
  const { url, headers } = withoutUserInfo(from);
  const stall = new AbortController();
  const timer = setTimeout(() => stall.abort(new Error(`no data for ${STALL_MS / 1000} s`)), STALL_MS);
  const signal = options.signal === undefined ? stall.signal : AbortSignal.any([options.signal, stall.signal]);
  const maxBytes = options.maxBytes ?? MAX_BYTES;
  const hash = createHash('sha256');
  let size = 0;
  try {
    const response = await (options.fetch ?? globalThis.fetch)(url, { signal, headers });
    if (!response.ok) {
      await response.body?.cancel();
      throw downloadFailed(url, `the server answered ${response.status} ${response.statusText}`.trimEnd());
    }
    for await (const chunk of response.body ?? []) {
      size += chunk.byteLength;
      if (size > maxBytes) {
        throw downloadFailed(url, `it is longer than ${maxBytes} bytes`);
      }
      hash.update(chunk);
      yield chunk;
      timer.refresh();
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error instanceof UserError ? error : downloadFailed(url, reasonOf(error), error);
  } finally {
    clearTimeout(timer);
  }
  const actual = `sha256:${hash.digest('hex')}`;
  if (actual !== digest) {
    throw wrongDigest(url, digest, actual);
  }
}

/** User and password become a header: fetch takes no URL that holds them, and no message may show them. */
function withoutUserInfo(from: URL): { readonly url: string; readonly headers: Record<string, string> } {
  const url = new URL(from);
  url.username = '';
  url.password = '';
  const userInfo = [from.username, from.password].map(percentDecoded).join(':');
  return {
    url: url.href,
    headers: userInfo === ':' ? {} : { authorization: `Basic ${Buffer.from(userInfo).toString('base64')}` },
  };
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // expected: a percent sign that escapes nothing stands for itself.
    return text;
  }
}

/** `fetch failed` says nothing; what failed is some causes down, and may be one of several attempts. */
function reasonOf(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) {
    ({ cause } = cause);
  }
  if (cause instanceof AggregateError && cause.errors[0] instanceof Error) {
    [cause] = cause.errors;
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  // The ports that WHATWG's fetch never connects to belong to other protocols.
  return message === 'bad port' ? 'no web client connects to a server on this port' : message;
}
