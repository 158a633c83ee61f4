import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerTo, type Lookup } from './dns.ts';

const lookup: Lookup = async (service, namespace) => {
  const known: Readonly<Record<string, readonly string[]>> = {
    'hello.apps': ['10.0.0.7'],
    'pods.apps': ['10.1.0.1', '10.1.0.2'],
  };
  if (service === 'down') {
    throw new Error('no API server');
  }
  return known[`${service}.${namespace}`];
};

function query(name: string, type = 1): Buffer {
  const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
  // Id 0x1234, recursion desired, one question, and one additional record announced as EDNS does.
  return Buffer.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, ...labels, 0, 0, type, 0, 1]);
}

interface Answer {
  readonly code: number;
  readonly addresses: readonly string[];
}

async function ask(name: string, type?: number): Promise<Answer> {
  const asked = query(name, type);
  const answer = (await answerTo(asked, lookup)) ?? Buffer.alloc(0);
  expect(answer.readUInt16BE(0)).toBe(0x1234);
  expect(answer.subarray(12, asked.length)).toEqual(asked.subarray(12));
  const count = answer.readUInt16BE(6);
  expect(answer).toHaveLength(asked.length + 16 * count);
  const addresses = Array.from({ length: count }, (_, index) => {
    const end = asked.length + 16 * (index + 1);
    return [...answer.subarray(end - 4, end)].join('.');
  });
  return { code: answer.readUInt16BE(2) & 0xf, addresses };
}

describe('the names of a cluster', () => {
  it.each([
    ['a Service', 'hello.apps.svc.cluster.local', 1, { code: 0, addresses: ['10.0.0.7'] }],
    ['any case', 'Hello.Apps.SVC.Cluster.Local', 1, { code: 0, addresses: ['10.0.0.7'] }],
    ['a headless Service', 'pods.apps.svc.cluster.local', 1, { code: 0, addresses: ['10.1.0.1', '10.1.0.2'] }],
    ['a type that it has not', 'hello.apps.svc.cluster.local', 28, { code: 0, addresses: [] }],
    ['none', 'nope.apps.svc.cluster.local', 1, { code: 3, addresses: [] }],
    ['the world', 'example.com', 1, { code: 3, addresses: [] }],
    ['what a resolver tries first', 'example.com.apps.svc.cluster.local', 1, { code: 3, addresses: [] }],
    ['a Service nobody can be asked for', 'down.apps.svc.cluster.local', 1, { code: 2, addresses: [] }],
  ])('answer for %s', async (_, name, type, expected) => {
    expect(await ask(name, type)).toEqual(expected);
  });

  it('are not asked for by what is no query', async () => {
    const whole = query('hello.apps.svc.cluster.local');
    for (let length = 0; length < whole.length; length += 1) {
      expect(await answerTo(whole.subarray(0, length), lookup)).toBeUndefined();
    }
  });

  it('answer or keep silent to any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), async (bytes) => {
        const answer = await answerTo(Buffer.from(bytes), lookup);
        expect(answer === undefined || answer.length >= 12).toBe(true);
      }),
    );
  });
});
