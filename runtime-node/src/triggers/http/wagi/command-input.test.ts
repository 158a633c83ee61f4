import { describe, expect, it } from 'vitest';
import type { HeaderList } from '../../../host/http/exchange.ts';
import { BodyChannel } from '../../../host/http/index.ts';
import { CLOSED, type InputStream } from '../../../host/io/streams.ts';
import { noBody } from '../incoming-body.ts';
import { commandInput, type CommandInput } from './command-input.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

const length = (value: string): HeaderList => [['Content-Length', value]];

function withInput(input: unknown): CommandInput {
  expect(input).toMatchObject({ length: expect.any(Number) as number });
  return input as CommandInput;
}

/** All that is there now. */
function textOf(stream: InputStream): string {
  let text = '';
  for (;;) {
    const read = stream.read(3);
    if (!(read instanceof Uint8Array) || read.length === 0) {
      return text;
    }
    text += Buffer.from(read).toString();
  }
}

describe('the input of a command', () => {
  it('is there at once, and empty, for a request without a body', () => {
    const input = withInput(commandInput({ headers: [], body: noBody() }));
    expect(input.length).toBe(0);
    expect(input.stream().read(1)).toEqual(CLOSED);
  });

  it('is read as the body comes in, where the request says how long that is', async () => {
    const { sink, body } = new BodyChannel();
    const input = withInput(commandInput({ headers: length('8'), body }));
    expect(input.length).toBe(8);
    const stream = input.stream();
    expect(stream.ready()).toBe(false);
    sink.write(bytes('four'));
    await stream.wait();
    expect(textOf(stream)).toBe('four');
    sink.write(bytes('more'));
    sink.finish(null);
    expect(textOf(stream)).toBe('more');
    expect(stream.read(1)).toEqual(CLOSED);
  });

  it('goes on for the next stream that the command asks for', () => {
    const { sink, body } = new BodyChannel();
    const input = withInput(commandInput({ headers: length('6'), body }));
    sink.write(bytes('abcdef'));
    const first = input.stream();
    expect(first.read(3)).toEqual(bytes('abc'));
    first[Symbol.dispose]();
    expect(input.stream().read(3)).toEqual(bytes('def'));
  });

  it.each([
    ['nothing', []],
    ['two things', [...length('1'), ...length('2')]],
    ['no number', length('many')],
  ] as const)('is read whole beforehand when the request says %s about its length', async (_what, headers) => {
    const { sink, body } = new BodyChannel();
    const input = commandInput({ headers, body });
    expect(input).toBeInstanceOf(Promise);
    sink.write(bytes('whole '));
    sink.write(bytes('body'));
    sink.finish(null);
    const whole = withInput(await input);
    expect(whole.length).toBe(10);
    expect(textOf(whole.stream())).toBe('whole body');
  });

  it('is a bad request when it breaks off before it is whole', async () => {
    const { sink, body } = new BodyChannel();
    const input = commandInput({ headers: [], body });
    sink.write(bytes('half'));
    sink.abort('the client has left');
    expect(await input).toBe(400);
  });
});
