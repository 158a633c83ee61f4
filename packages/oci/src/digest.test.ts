import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOf, isDigest, verified } from './digest.ts';
import { userError } from './testing/thrown.ts';

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) {
    yield bytes.subarray(at, at + size);
  }
}

async function collect(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(content));
}

describe('a digest', () => {
  test.each([
    ['sha256:', false],
    [`sha256:${'a'.repeat(63)}`, false],
    [`sha256:${'A'.repeat(64)}`, false],
    [`sha512:${'a'.repeat(128)}`, false],
    [`sha256:${'a'.repeat(64)}\n`, false],
    [`sha256:${'0'.repeat(64)}`, true],
  ])('%j is one: %s', (text, expected) => {
    expect(isDigest(text)).toBe(expected);
  });
});

describe('a verified stream', () => {
  test('passes sound content through unchanged, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 50 }), async (bytes, size) => {
        const expected = { digest: digestOf(bytes), size: bytes.byteLength };
        expect(await collect(verified(inChunks(bytes, size), expected, 'here'))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test('never ends for content in which anything is different', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ maxLength: 100 }), async (promised, sent) => {
        fc.pre(!Buffer.from(promised).equals(sent));
        const expected = { digest: digestOf(promised), size: promised.byteLength };
        const error = await userError(() => collect(verified(inChunks(sent, 7), expected, 'here')));
        expect(error.code).toBe('SPK2009');
        expect(error.place).toEqual({ file: 'here', field: expected.digest });
      }),
    );
  });

  test('stops at the first byte too many and asks for no more', async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        given += 10;
        yield new Uint8Array(10);
      }
    }
    await userError(() => collect(verified(endless(), { digest: digestOf(new Uint8Array(25)), size: 25 }, 'here')));
    expect(given).toBe(30);
  });
});
