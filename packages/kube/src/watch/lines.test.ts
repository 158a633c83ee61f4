import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../transport/errors.ts';
import { BadLine, readEvent } from './event.ts';
import { LineSplitter } from './lines.ts';

const splitAt = (bytes: Buffer, cuts: readonly number[]): readonly Buffer[] => {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
};

describe('lines of a watch', () => {
  it('are the same however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\n'))),
        fc.array(fc.nat()),
        (texts, cuts) => {
          const splitter = new LineSplitter();
          const lines = splitAt(Buffer.from(texts.map((text) => `${text}\n`).join('')), cuts).flatMap((chunk) =>
            [...splitter.push(chunk)].map((line) => Buffer.from(line).toString('utf8')),
          );
          expect(lines).toEqual(texts.filter((text) => text !== ''));
          expect(splitter.rest()).toHaveLength(0);
        },
      ),
    );
  });

  it('show what is left of one that has no end', () => {
    const splitter = new LineSplitter();
    expect([...splitter.push(Buffer.from('one\ntw'))]).toHaveLength(1);
    expect(Buffer.from(splitter.rest()).toString()).toBe('tw');
  });

  it('are refused when one has no end in sight', () => {
    const splitter = new LineSplitter(10);
    expect([...splitter.push(Buffer.alloc(10, 'x'))]).toEqual([]);
    expect(() => [...splitter.push(Buffer.from('y'))]).toThrow(BadLine);
  });
});

const read = (line: unknown): unknown => readEvent(Buffer.from(typeof line === 'string' ? line : JSON.stringify(line)));
const metadata = { name: 'a', uid: 'u', resourceVersion: '1' };
const bookmark = (annotations: unknown): unknown =>
  read({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '5', annotations } } });

/** What a line comes to: `read`, or the error. */
function outcomeOf(line: string): unknown {
  try {
    read(line);
    return 'read';
  } catch (error) {
    // expected: it is what the test looks at.
    return error;
  }
}

describe('events of a watch', () => {
  it.each([
    ['no JSON', '{"type":"ADDED","object":{"metadata":{"name":"a"'],
    ['a page of a proxy', '<html><body>502 Bad Gateway</body></html>'],
    ['a number', '1'],
    ['a list', '[]'],
    ['null', 'null'],
    ['no object', { type: 'ADDED' }],
    ['an object that is none', { type: 'ADDED', object: 'text' }],
    ['no type', { object: { metadata } }],
    ['a type that does not exist', { type: 'RENAMED', object: { metadata } }],
    ['no metadata', { type: 'ADDED', object: {} }],
    ['no name', { type: 'ADDED', object: { metadata: { ...metadata, name: undefined } } }],
    ['no uid', { type: 'DELETED', object: { metadata: { ...metadata, uid: '' } } }],
    ['a version that is no text', { type: 'MODIFIED', object: { metadata: { ...metadata, resourceVersion: 1 } } }],
    ['a bookmark without a version', { type: 'BOOKMARK', object: { metadata: {} } }],
  ])('8. are refused, never passed over: %s', (_what, line) => {
    expect(() => read(line)).toThrow(BadLine);
  });

  it('8. of any text are read or refused, and nothing else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const outcome = outcomeOf(text);
        expect(outcome === 'read' || outcome instanceof BadLine).toBe(true);
      }),
    );
  });

  it('8. show 200 bytes of a line that is none', () => {
    const line = `{"${'x'.repeat(500)}`;
    expect(outcomeOf(line)).toMatchObject({ excerpt: line.slice(0, 200) });
  });

  it('6. have an error as a typed one', () => {
    const event = read({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } });
    expect(event).toMatchObject({ type: 'ERROR', error: { status: 410, reason: 'Expired', message: 'too old' } });
    expect((event as { error: unknown }).error).toBeInstanceOf(ApiError);
  });

  it('2. know the bookmark that ends the initial events', () => {
    expect(bookmark({ 'k8s.io/initial-events-end': 'true' })).toMatchObject({ endsInitialEvents: true });
    expect(bookmark(undefined)).toEqual({ type: 'BOOKMARK', resourceVersion: '5', endsInitialEvents: false });
  });
});
