import { describe, expect, it } from 'vitest';
import { witMessage } from './message.ts';
import { regionOf } from './queue.ts';

describe('a message of SQS', () => {
  it('keeps names, types and values of its attributes, those of the system first', () => {
    const bytes = new Uint8Array([1, 2]);
    expect(
      witMessage({
        MessageId: 'i',
        Body: 'b',
        Attributes: { SentTimestamp: '1' },
        MessageAttributes: {
          s: { DataType: 'String', StringValue: '' },
          b: { DataType: 'Binary', BinaryValue: bytes },
          none: { DataType: 'String' },
        },
      }),
    ).toEqual({
      id: 'i',
      body: 'b',
      messageAttributes: [
        { name: 'SentTimestamp', dataType: undefined, value: { tag: 'str', val: '1' } },
        { name: 's', dataType: 'String', value: { tag: 'str', val: '' } },
        { name: 'b', dataType: 'Binary', value: { tag: 'binary', val: bytes } },
      ],
    });
  });

  it('may have nothing at all', () => {
    expect(witMessage({})).toEqual({ id: undefined, body: undefined, messageAttributes: [] });
  });
});

it.each([
  ['https://sqs.eu-west-1.amazonaws.com/1/q', 'eu-west-1'],
  ['https://sqs-fips.us-gov-west-1.amazonaws.com/1/q', 'us-gov-west-1'],
  ['https://sqs.cn-north-1.amazonaws.com.cn/1/q', 'cn-north-1'],
  ['https://us-east-2.queue.amazonaws.com/1/q', 'us-east-2'],
  ['http://127.0.0.1:4566/1/q', undefined],
  ['https://sqs.evil.example/1/q', undefined],
])('the region of %s is %s', (url, region) => {
  expect(regionOf(url)).toBe(region);
});
