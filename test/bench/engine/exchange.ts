// A request without a client, and a client that throws away what it gets.
import type {
  BodySink,
  IncomingRequest,
  ResponseHead,
  ResponseOut,
} from '../../../runtime-node/src/host/http/exchange.ts';
import { BytesInputStream } from '../../../runtime-node/src/host/io/ready-made.ts';

const NOTHING = new Uint8Array();
const noTrailers = { tag: 'ok', val: null } as const;

export const helloRequest: IncomingRequest = {
  method: 'GET',
  pathWithQuery: '/',
  scheme: 'http',
  authority: 'localhost:3000',
  headers: [
    ['host', 'localhost:3000'],
    ['user-agent', 'bench'],
  ],
  body: {
    stream: new BytesInputStream(NOTHING),
    trailers: { ready: () => true, wait: async () => undefined, value: () => noTrailers },
  },
};

export class DiscardingResponse implements ResponseOut, BodySink {
  #status = 0;
  #bytes = 0;
  #finished = false;

  respond({ status }: ResponseHead): BodySink {
    this.#status = status;
    return this;
  }

  fail(errorCode: unknown): void {
    throw new Error('the guest answered with an error', { cause: errorCode });
  }

  ready(): boolean {
    return true;
  }

  async wait(): Promise<void> {}

  room(): number {
    return 1;
  }

  write(chunk: Uint8Array): undefined {
    this.#bytes += chunk.length;
  }

  finish(): void {
    this.#finished = true;
  }

  abort(reason: string): void {
    throw new Error(`the answer was cut: ${reason}`);
  }

  /** Throws unless a whole answer with something in it has come. */
  check(): void {
    if (this.#status !== 200 || this.#bytes === 0 || !this.#finished) {
      throw new Error(`the guest gave no answer: status ${this.#status}, ${this.#bytes} bytes`);
    }
  }
}
