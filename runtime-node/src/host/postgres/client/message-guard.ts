// Watches what a PostgreSQL server sends (PostgreSQL's protocol 3.0, "Message Formats") before the client sees it, and keeps from
// it what it would spoil or not survive: rows, which it takes for text, and errors without an end
// (docs/design/20261121-database-drivers.md).
import { MAX_RESULT_BYTES } from '../../result-size.ts';
import type { Guard } from '../../driver-socket/guarded-socket.ts';
import { Fields } from './fields.ts';
import { LoginError, ProtocolError } from '../../driver-socket/failures.ts';
import { FrameReader, type Frame } from './frames.ts';
import { readServerError, type ServerError } from './server-error.ts';

/** Before the log-in nothing long is said. */
const MAX_LOGIN_MESSAGE_BYTES = 65_536;

/** Authentication requests by number. */
const OK = 0;
const SASL = 10;
const SASL_CONTINUE = 11;
const SASL_FINAL = 12;
/** In the clear and by MD5. */
const PASSWORDS = [3, 5];
const SCRAM_SHA_256 = 'SCRAM-SHA-256\0';

/** Notices, what LISTEN brings, settings, and what COPY sends, are nobody's answer. */
const DROPPED = 'NASd';
const LOGIN_TYPES = 'RKEZ';
const ANSWER_TYPES = '12nItTCcHGEZ';

export type Row = readonly (Buffer | undefined)[];

export class MessageGuard implements Guard {
  readonly #frames = new FrameReader(MAX_LOGIN_MESSAGE_BYTES);
  #loggedIn = false;
  /** SCRAM has begun; the server has ended it, with a proof that the client has looked at or will. */
  #scram: 'none' | 'begun' | 'ended' = 'none';
  /** Takes rows while something is asked. */
  #onRow: ((row: Row) => void) | undefined;
  /** The server's, of what is asked now. */
  error: ServerError | undefined;

  /** The server may answer, until it is ready again. */
  ask(onRow: (row: Row) => void): void {
    this.#onRow = onRow;
    this.error = undefined;
  }

  /** Throws ProtocolError, LoginError, or what a row's taker throws; must not be used again then. */
  *inspect(chunk: Buffer): Generator<Buffer> {
    let passed: Buffer[] = [];
    try {
      for (const frame of this.#frames.push(chunk)) {
        this.#check(frame);
        if (frame.type === 'D') {
          // What came before describes it.
          yield Buffer.concat(passed);
          passed = [];
          this.#row(frame.body);
        } else if (!DROPPED.includes(frame.type)) {
          passed.push(frame.whole);
        }
      }
    } finally {
      // Also before it throws: what came in order is answered.
      yield Buffer.concat(passed);
    }
  }

  #check({ type, body }: Frame): void {
    if (type === 'E') {
      this.error ??= readServerError(body);
      return;
    }
    const expected = this.#loggedIn ? (this.#onRow === undefined ? '' : `${ANSWER_TYPES}D`) : LOGIN_TYPES;
    if (type === 'Z') {
      this.#ready(body);
    } else if (!expected.includes(type) && !DROPPED.includes(type)) {
      throw new ProtocolError(`an unexpected message of type ${JSON.stringify(type)}`);
    } else if (type === 'R') {
      this.#authentication(new Fields(body));
    }
  }

  #ready(body: Buffer): void {
    if (body.length !== 1 || !'ITE'.includes(body.toString('latin1')) || (this.#loggedIn && !this.#onRow)) {
      throw new ProtocolError('the server is ready and was not asked');
    }
    this.#onRow = undefined;
    this.#loggedIn = true;
    this.#frames.max = MAX_RESULT_BYTES;
  }

  #row(body: Buffer): void {
    const fields = new Fields(body);
    const count = fields.int16();
    this.#onRow?.(Array.from({ length: count }, () => fields.value()));
  }

  /** The client would log in to a server that leaves out its proof. */
  #authentication(fields: Fields): void {
    const request = fields.int32();
    if (request === SASL && fields.rest.toString('latin1').includes(SCRAM_SHA_256)) {
      this.#scram = 'begun';
    } else if (request === SASL_CONTINUE || request === SASL_FINAL) {
      if (this.#scram === 'none') {
        throw new ProtocolError('SCRAM goes on that has not begun');
      }
      this.#scram = request === SASL_FINAL ? 'ended' : this.#scram;
    } else if (request === OK) {
      if (this.#scram === 'begun') {
        throw new ProtocolError('the server ends SCRAM without its proof');
      }
    } else if (!PASSWORDS.includes(request)) {
      throw new LoginError('unsupported authentication method');
    }
  }
}
