// The stdout of a command as the response to its request (spin-contract.md §6.6). Held for a moment, so that a command
// that fails can still be answered for and a short answer has a length; then it goes out as it is written, no faster than
// the client reads.
import { UserError } from '@spindle/api';
import { BodyPipe } from '../../../host/http/types/body-pipe.ts';
import type { HeaderList } from '../../../host/http/exchange.ts';
import { OutputStream, type StreamError } from '../../../host/io/streams.ts';
import type { TriggerResponse } from '../staged-output.ts';
import { HeadEnd, parseHead, type CgiHead } from './cgi-head.ts';

/** What wasmtime gives for stdout. */
const BUDGET_BYTES = 65_536;

/** A response that is longer goes out as it is written. No client takes a head this long either. */
const HELD_BYTES = 65_536;

/** Of what was written in place of a head, for the message. */
const QUOTED_BYTES = 60;

/** The command's answer is none; its client is told so by `clientText`, as Spin does. */
export class NoCgiResponse extends UserError {
  readonly clientText: string;
  /** Whether the client has been. */
  told = false;

  constructor(component: string, written: Buffer) {
    const clientText = "Exactly one of 'location' or 'content-type' must be specified";
    const begin = JSON.stringify(written.subarray(0, QUOTED_BYTES).toString());
    super(`${clientText}: what component "${component}" wrote to stdout begins with ${begin}`, { code: 'SPK4042' });
    this.clientText = clientText;
  }
}

export interface CgiOutputOptions {
  readonly component: string;
  /** Of the request. */
  readonly method: string;
  /** Nothing goes out before `end`: who writes more than is held has to wait. */
  readonly onTrial: boolean;
}

export class CgiOutput {
  readonly #out: TriggerResponse;
  readonly #options: CgiOutputOptions;
  readonly #headEnd = new HeadEnd();
  /** Of the head until that is whole, of the body from then on. */
  #pieces: Uint8Array[] = [];
  #held = 0;
  #head: CgiHead | undefined;
  /** Once the response has begun. */
  #pipe: BodyPipe | undefined;
  #turn: NodeJS.Immediate | undefined;

  constructor(out: TriggerResponse, options: CgiOutputOptions) {
    this.#out = out;
    this.#options = options;
  }

  /** One for each time the command asks; all write to the same response. */
  stream(): OutputStream {
    return new CgiStream(this);
  }

  checkWrite(): number | StreamError {
    if (this.#pipe !== undefined) {
      const budget = this.#pipe.checkWrite();
      return typeof budget === 'number' ? Math.min(budget, BUDGET_BYTES) : budget;
    }
    return this.#options.onTrial && this.#held >= HELD_BYTES ? 0 : BUDGET_BYTES;
  }

  /** On trial nobody comes to make room: whoever waits has to be called again. */
  wait(): Promise<void> {
    return this.#pipe?.wait() ?? (this.checkWrite() === 0 ? new Promise(() => {}) : Promise.resolve());
  }

  /** Throws when it cannot be the head of a response. */
  write(bytes: Uint8Array): StreamError | undefined {
    if (this.#pipe !== undefined) {
      return this.#pipe.write(bytes);
    }
    this.#pieces.push(bytes);
    this.#held += bytes.length;
    this.#head ??= this.#readHead(bytes);
    if (this.#head === undefined) {
      if (this.#held > HELD_BYTES) {
        const message = `component "${this.#options.component}" wrote ${this.#held} bytes of CGI headers, and no end to them`;
        throw new UserError(message, { code: 'SPK4042' });
      }
    } else if (!this.#options.onTrial) {
      if (this.#held > HELD_BYTES) {
        this.#begin(this.#head);
      } else {
        // A command that does other things first, or waits, has its client see what there is.
        this.#turn ??= setImmediate((head) => this.#begin(head), this.#head);
      }
    }
    return undefined;
  }

  /** The command has ended well. Throws when what it wrote is no response. */
  end(): void {
    clearImmediate(this.#turn);
    if (this.#pipe !== undefined) {
      if (this.#pipe.complete) {
        this.#pipe.finish(null);
      } else {
        this.#pipe.abort('the body is not as long as its content-length says');
      }
      return;
    }
    const { component } = this.#options;
    if (this.#head === undefined) {
      throw this.#held > 0
        ? new NoCgiResponse(component, Buffer.concat(this.#pieces))
        : new UserError(
            `The ${JSON.stringify(component)} component is configured to use the WAGI executor but did not write to ` +
              'stdout. Check the `executor` in spin.toml.',
            { code: 'SPK4042' },
          );
    }
    const { status } = this.#head;
    const headers = this.#headers(this.#head, this.#held);
    if (this.#held === 0) {
      this.#out.respond({ status, headers }, false);
    } else {
      this.#out.respondWhole({ status, headers }, this.#pieces, this.#held);
    }
  }

  /** The command has failed: what is out is cut, what is held is thrown away. */
  abandon(reason: string): void {
    clearImmediate(this.#turn);
    this.#pipe?.abort(reason);
  }

  #readHead(last: Uint8Array): CgiHead | undefined {
    const end = this.#headEnd.find(last);
    if (end === undefined) {
      return undefined;
    }
    const all = Buffer.concat(this.#pieces);
    const body = all.length - last.length + end;
    const head = parseHead(all.toString('latin1', 0, body));
    if (head === undefined) {
      throw new NoCgiResponse(this.#options.component, all);
    }
    this.#held = all.length - body;
    this.#pieces = this.#held === 0 ? [] : [all.subarray(body)];
    return head;
  }

  #begin(head: CgiHead): void {
    clearImmediate(this.#turn);
    const { status } = head;
    const expected = this.#withoutContent(status) ? undefined : head.length;
    const sink = this.#out.respond({ status, headers: this.#headers(head, undefined) }, true);
    this.#pipe = new BodyPipe(expected, (written) => ({ tag: 'HTTP-response-body-size', val: BigInt(written) }));
    this.#pipe.attach(sink);
    if (this.#held > 0) {
      this.#pipe.write(Buffer.concat(this.#pieces));
    }
    this.#pieces = [];
  }

  /** `bytes`: of the whole body, where that is known. */
  #headers({ status, headers, length: declared }: CgiHead, bytes: number | undefined): HeaderList {
    // RFC 9110 §8.6: a message without content may still say how long it would be; but not one that never has any.
    const length = this.#withoutContent(status) ? (declared ?? (bytes === 0 ? undefined : bytes)) : (bytes ?? declared);
    return length === undefined || status === 204 ? headers : [...headers, ['content-length', String(length)]];
  }

  #withoutContent(status: number): boolean {
    return this.#options.method === 'HEAD' || status === 204 || status === 304;
  }
}

class CgiStream extends OutputStream {
  readonly #output: CgiOutput;

  constructor(output: CgiOutput) {
    super();
    this.#output = output;
  }

  override ready(): boolean {
    return this.#output.checkWrite() !== 0;
  }

  override wait(): Promise<void> {
    return this.#output.wait();
  }

  override checkWrite(): number | StreamError {
    return this.#output.checkWrite();
  }

  override write(bytes: Uint8Array): StreamError | undefined {
    return this.#output.write(bytes);
  }

  /** What is held waits for nobody's flush. */
  override flush(): undefined {}

  override [Symbol.dispose](): void {
    this.trapOnLivePollables();
  }
}
