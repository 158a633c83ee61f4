// The contents of a message of WASI 0.3: bytes, and behind them the trailers or what has gone wrong. Taken once: by the
// guest that reads them, or by who sends them.
import { err, FutureReader, ok, type Result, type StreamReader } from '../../../component/index.ts';
import { noBytes, readable } from '../../io/byte-streams.ts';
import type { IoError } from '../../io/streams.ts';
import type { ErrorCode } from '../error-code.ts';
import type { IncomingBody } from '../exchange.ts';
import { Fields } from '../types/fields.ts';
import { cancel } from '../types/incoming-body.ts';

export type Trailers = Result<Fields | undefined, ErrorCode>;
/** What became of a message. */
export type Transmission = Result<undefined, ErrorCode>;

export interface Taken {
  /** Undefined: a message without contents. */
  readonly bytes: StreamReader | undefined;
  readonly trailers: FutureReader<Trailers>;
  /** Tells who made the message what has become of it. */
  readonly sent: (result: Transmission) => void;
}

export interface Contents extends Disposable {
  take(): Taken;
}

/** Of a guest. */
export class MadeContents implements Contents {
  readonly #bytes: StreamReader | undefined;
  readonly #trailers: FutureReader<Trailers>;
  readonly #sent = Promise.withResolvers<Transmission>();
  #taken = false;

  constructor(bytes: StreamReader | undefined, trailers: FutureReader<Trailers>) {
    this.#bytes = bytes;
    this.#trailers = trailers;
  }

  get transmission(): FutureReader<Transmission> {
    return FutureReader.from(this.#sent.promise);
  }

  take(): Taken {
    this.#taken = true;
    return { bytes: this.#bytes, trailers: this.#trailers, sent: (result) => this.#sent.resolve(result) };
  }

  [Symbol.dispose](): void {
    if (!this.#taken) {
      this.#bytes?.[Symbol.dispose]();
      this.#trailers[Symbol.dispose]();
      this.#sent.resolve(ok(undefined));
    }
  }
}

/** What came over the network, or from another component. */
export class ReceivedContents implements Contents {
  readonly #body: IncomingBody;
  #taken = false;

  constructor(body: IncomingBody) {
    this.#body = body;
  }

  take(): Taken {
    this.#taken = true;
    const [bytes, end] = readable(this.#body.stream, codeOf);
    return { bytes, trailers: FutureReader.from(() => trailersAfter(end, this.#body)), sent: () => undefined };
  }

  /** Contents that nobody took must not hold their connection. */
  [Symbol.dispose](): void {
    if (!this.#taken) {
      cancel(this.#body);
    }
  }
}

const codeOf = ({ httpErrorCode }: IoError): ErrorCode =>
  (httpErrorCode as ErrorCode | undefined) ?? { tag: 'HTTP-protocol-error' };

async function trailersAfter(end: FutureReader<Transmission>, { trailers }: IncomingBody): Promise<Trailers> {
  const ended = await end.read();
  if (ended.tag === 'err') {
    return ended;
  }
  await trailers.wait();
  const value = trailers.value();
  if (value.tag === 'err') {
    return err(value.val as ErrorCode);
  }
  return ok(value.val === null ? undefined : Fields.received(value.val));
}

/** `consume-body`: for a guest that reads them. `handled` is what it says of how that went. */
export function consume(
  contents: Contents,
  handled: FutureReader<Transmission>,
): [bytes: StreamReader, trailers: FutureReader<Trailers>] {
  const { bytes, trailers, sent } = contents.take();
  handled.read().then(sent, () => sent(ok(undefined)));
  return [bytes ?? noBytes(), trailers];
}
