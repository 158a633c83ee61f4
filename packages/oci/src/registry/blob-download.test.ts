import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../digest.ts';
import { type Answer, type FaultRegistry, impatient, send, startFaultRegistry } from '../testing/fault-registry.ts';
import { thrown, userError } from '../testing/thrown.ts';
import type { Descriptor } from '../types.ts';
import { downloadBlob } from './blob-download.ts';
import { RegistrySession } from './session.ts';

const CONTENT = randomBytes(300_000);
const BLOB: Descriptor = { mediaType: 'application/x', digest: digestOf(CONTENT), size: CONTENT.byteLength };

interface Download {
  readonly registry: FaultRegistry;
  readonly waits: readonly number[];
  readonly read: () => Promise<Buffer>;
}

async function downloadFrom(answer: Answer, blob = BLOB): Promise<Download> {
  const waits: number[] = [];
  const registry = await startFaultRegistry(answer);
  const session = new RegistrySession(registry.host, 'me/app', 'ref', impatient(waits));
  return { registry, waits, read: async () => Buffer.concat(await Array.fromAsync(downloadBlob(session, blob))) };
}

const rangeStart = (range: string | undefined): number => Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);

/** Cuts the connection after a part of what was asked for, `cuts` times. */
function cutting(cuts: number, ranges: boolean): Answer {
  let left = cuts;
  return ({ headers }, response) => {
    const start = ranges ? rangeStart(headers.range) : 0;
    const rest = CONTENT.subarray(start);
    response.writeHead(start > 0 ? 206 : 200, {
      'content-length': rest.byteLength,
      ...(start > 0 ? { 'content-range': `bytes ${start}-${CONTENT.byteLength - 1}/${CONTENT.byteLength}` } : {}),
    });
    if (left-- > 0) {
      response.write(rest.subarray(0, 70_000), () => response.destroy());
    } else {
      response.end(rest);
    }
  };
}

describe('a download whose connection is cut', () => {
  test('goes on where it stopped', async () => {
    const { registry, read } = await downloadFrom(cutting(3, true));
    expect(CONTENT.equals(await read())).toBe(true);
    const starts = registry.requests.map(({ headers }) => rangeStart(headers.range));
    expect(starts).toHaveLength(4);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    expect(starts.at(-1)).toBeGreaterThan(0);
  });

  test('reads past what it has when the registry cannot do ranges', async () => {
    const { read } = await downloadFrom(cutting(1, false));
    expect(CONTENT.equals(await read())).toBe(true);
  });

  test('may be cut more often than a request is tried, as long as each brings something', async () => {
    const { registry, read } = await downloadFrom(cutting(4, true));
    expect(CONTENT.equals(await read())).toBe(true);
    expect(registry.requests.length).toBeGreaterThan(3);
  });

  test('every time without bringing anything is given up', async () => {
    const { registry, read } = await downloadFrom((_, response) => response.destroy());
    const error = await userError(read);
    expect(error.message).toMatch(/the connection was closed$/);
    expect(registry.requests).toHaveLength(3);
  });

  test('cleanly, without a length, is noticed too', async () => {
    const { read } = await downloadFrom((_, response) => {
      response.writeHead(200);
      response.end(CONTENT.subarray(0, 10));
    });
    expect((await userError(read)).message).toContain(`the answer ended after 10 of ${CONTENT.byteLength} bytes`);
  });
});

describe('a blob that is not what its digest says', () => {
  test.each([
    ['in one bit', Buffer.from(CONTENT.map((byte, at) => (at === 1000 ? byte ^ 1 : byte)))],
    ['in its length', Buffer.concat([CONTENT, Buffer.from('!')])],
    ['at all', Buffer.alloc(CONTENT.byteLength)],
  ])('%s is an error, without another try', async (_, sent) => {
    const { registry, read } = await downloadFrom((_request, response) => send(response, 200, {}, sent));
    const error = await userError(read);
    expect([error.code, error.place]).toEqual(['SPK2009', { file: 'ref', field: BLOB.digest }]);
    expect(registry.requests).toHaveLength(1);
  });

  test('after it was resumed is noticed as well', async () => {
    let first = true;
    const { read } = await downloadFrom(({ headers }, response) => {
      const start = rangeStart(headers.range);
      response.writeHead(first ? 200 : 206, { 'content-range': `bytes ${start}-` });
      response.write(first ? CONTENT.subarray(0, 100) : Buffer.alloc(CONTENT.byteLength - start), () => response.end());
      first = false;
    });
    expect((await userError(read)).code).toBe('SPK2009');
  });
});

describe('an answer to a range request', () => {
  test.each([
    ['that begins later than asked', { 'content-range': 'bytes 200000-299999/300000' }],
    ['that does not say where it begins', {}],
    ['that says nonsense', { 'content-range': 'bytes */300000' }],
  ])('%s is not used', async (_, headers) => {
    let first = true;
    const { read } = await downloadFrom((_request, response) => {
      response.writeHead(first ? 200 : 206, first ? {} : headers);
      response.end(CONTENT.subarray(0, 100));
      first = false;
    });
    expect((await userError(read)).message).toContain('begins elsewhere');
  });

  test('that begins earlier is read past', async () => {
    let first = true;
    const { read } = await downloadFrom((_request, response) => {
      response.writeHead(first ? 200 : 206, { 'content-range': 'bytes 50-299999/300000' });
      response.end(first ? CONTENT.subarray(0, 100) : CONTENT.subarray(50));
      first = false;
    });
    expect(CONTENT.equals(await read())).toBe(true);
  });
});

test('a blob that the registry does not have is named', async () => {
  const { registry, read } = await downloadFrom((_, response) => send(response, 404));
  const error = await userError(read);
  expect(error.message).toBe(`the registry has no blob ${BLOB.digest}`);
  expect(registry.requests).toHaveLength(1);
});

test('an empty blob is an empty stream', async () => {
  const { read } = await downloadFrom((_, response) => send(response, 200), {
    mediaType: 'application/x',
    digest: digestOf(Buffer.alloc(0)),
    size: 0,
  });
  expect(await read()).toHaveLength(0);
});

test('a reader that stops early closes the connection', async () => {
  const closed = Promise.withResolvers<boolean>();
  const registry = await startFaultRegistry((_, response) => {
    response.on('close', () => closed.resolve(response.writableFinished));
    response.writeHead(200);
    response.write(CONTENT);
  });
  const session = new RegistrySession(registry.host, 'me/app', 'ref', impatient());
  for await (const chunk of downloadBlob(session, BLOB)) {
    expect(chunk.byteLength).toBeGreaterThan(0);
    break;
  }
  expect(await closed.promise).toBe(false);
});

test('a caller who gives up in the middle gets his own reason back', async () => {
  const stop = new AbortController();
  const registry = await startFaultRegistry((_, response) => {
    response.writeHead(200);
    response.write(CONTENT.subarray(0, 10));
  });
  const session = new RegistrySession(registry.host, 'me/app', 'ref', impatient());
  const read = async (): Promise<void> => {
    for await (const _chunk of downloadBlob(session, BLOB, stop.signal)) {
      stop.abort(new Error('enough'));
    }
  };
  expect(await thrown(read)).toBe(stop.signal.reason);
});
