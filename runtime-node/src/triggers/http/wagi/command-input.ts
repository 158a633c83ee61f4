// The stdin of a command: the body of its request (spin-contract.md §6.6).
import { andThen } from '../../../host/attempt.ts';
import type { IncomingRequest } from '../../../host/http/exchange.ts';
import { readWhole } from '../../../host/http/legacy/whole-body.ts';
import { MAX_BUFFERED_BYTES } from '../../../host/http/legacy/types.ts';
import { normalContentLength } from '../../../host/http/types/header-syntax.ts';
import { BytesInputStream } from '../../../host/io/ready-made.ts';
import { InputStream, type StreamError } from '../../../host/io/streams.ts';

export interface CommandInput {
  readonly length: number;
  /** One for each time the command asks; they share the bytes. */
  stream(): InputStream;
}

/**
 * A command is told beforehand how much it will read. Where the request says so, the body is read as the command does; else
 * it is read to its end first. A number is the status that answers in its place: 413 for more than the host holds, 400 for
 * a body that breaks off.
 */
export function commandInput({
  headers,
  body,
}: Pick<IncomingRequest, 'headers' | 'body'>): CommandInput | number | Promise<CommandInput | number> {
  const declared = headers.flatMap(([name, value]) => (name.toLowerCase() === 'content-length' ? [value] : []));
  const length = declared.length === 1 ? normalContentLength(declared[0] ?? '') : undefined;
  if (length !== undefined) {
    return shared(body.stream, Number(length));
  }
  return andThen(readWhole(body.stream, MAX_BUFFERED_BYTES), (whole) => {
    if (whole.tag !== 'whole') {
      return whole.tag === 'too-large' ? 413 : 400;
    }
    return shared(new BytesInputStream(whole.bytes), whole.bytes.length);
  });
}

const shared = (source: InputStream, length: number): CommandInput => ({
  length,
  stream: () => new SharedInput(source),
});

/** Dropped by the command alone: the body goes on, for the next that asks. */
class SharedInput extends InputStream {
  readonly #source: InputStream;

  constructor(source: InputStream) {
    super();
    this.#source = source;
  }

  override ready(): boolean {
    return this.#source.ready();
  }

  override wait(): Promise<void> {
    return this.#source.wait();
  }

  override read(max: number): Uint8Array | StreamError {
    return this.#source.read(max);
  }

  override [Symbol.dispose](): void {
    this.trapOnLivePollables();
  }
}
