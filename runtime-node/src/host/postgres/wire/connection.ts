// A session with a PostgreSQL server: statements with parameters, rows in binary form, and the way back to a session as it
// was made, for the next guest. Nothing stays prepared at the server, so that `DISCARD ALL` is the whole way back; what the
// server has said of a statement's parameters is remembered here, so that the next time it takes one round trip.
import { MAX_RESULT_BYTES } from '../../result-size.ts';
import type { Channel } from './channel.ts';
import { columnsOf, ParameterTypes, type Column } from './description.ts';
import { Fields } from './fields.ts';
import { ProtocolError, type Frame } from './frames.ts';
import { bind, copyFail, describePortal, describeStatement, execute, parse, simpleQuery, sync } from './requests.ts';

/** One row may be as large as a whole answer. */
export const MAX_MESSAGE_BYTES = MAX_RESULT_BYTES;

/** Remembered by one connection; an app has some dozens of statements. */
const MAX_REMEMBERED = 100;
/** Longer ones are seldom sent twice. */
const MAX_REMEMBERED_CHARACTERS = 16_384;

export interface TakeAnswer {
  /** Before the rows, when there may be any. */
  columns(columns: readonly Column[]): void;
  /** Each row as it comes; may throw, which breaks the connection. */
  row(values: readonly (Buffer | undefined)[]): void;
}

export class Connection {
  readonly #channel: Channel;
  /** Types of parameters by statement, the one used last at the end. */
  readonly #types = new Map<string, readonly number[]>();

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  get usable(): boolean {
    return this.#channel.usable;
  }

  /** What the statement wants; as it was when it was asked for first. */
  async parameterTypes(statement: string, signal: AbortSignal): Promise<readonly number[]> {
    // Parameters are called `$1`.
    const known = statement.includes('$') ? this.#types.get(statement) : [];
    if (known !== undefined) {
      return known;
    }
    const types = new ParameterTypes();
    await this.#channel.exchange(
      Buffer.concat([parse(statement, []), describeStatement(), sync()]),
      types.take,
      signal,
    );
    if (statement.length <= MAX_REMEMBERED_CHARACTERS) {
      this.#types.set(statement, types.oids);
    }
    const [oldest] = this.#types.keys();
    if (oldest !== undefined && this.#types.size > MAX_REMEMBERED) {
      this.#types.delete(oldest);
    }
    return types.oids;
  }

  /** Whether the statement may have failed because it wants something else by now; it has done nothing then. */
  forgetTypes(statement: string): boolean {
    return this.#channel.usable && this.#channel.status === 'idle' && this.#types.delete(statement);
  }

  /** Gives the number of rows that the statement has touched. */
  async run(
    statement: string,
    types: readonly number[],
    parameters: readonly (Buffer | undefined)[],
    answer: TakeAnswer,
    signal: AbortSignal,
  ): Promise<bigint> {
    let touched = 0n;
    const take = ({ type, body }: Frame): void => {
      switch (type) {
        case '1': // Parsed.
        case '2': // Bound.
        case 'n': // No rows.
        case 'I': // The statement was empty.
        case 'H': // COPY to the client: what comes is not looked at.
        case 'd':
        case 'c':
          return;
        case 'T':
          answer.columns(columnsOf(body));
          return;
        case 'D':
          answer.row(valuesOf(body));
          return;
        case 'C':
          touched = touchedBy(body);
          return;
        case 'G':
          this.#channel.write(Buffer.concat([copyFail('COPY FROM STDIN is not supported'), sync()]));
          return;
        default:
          throw new ProtocolError(`an unexpected message of type ${JSON.stringify(type)}`);
      }
    };
    const requests = [parse(statement, types), bind(parameters), describePortal(), execute(), sync()];
    await this.#channel.exchange(Buffer.concat(requests), take, signal);
    return touched;
  }

  /** False when the session cannot be used again. */
  async reset(signal: AbortSignal): Promise<boolean> {
    if (!this.#channel.usable || !this.#channel.quiet) {
      return false;
    }
    try {
      if (this.#channel.status !== 'idle') {
        await this.#simple('ROLLBACK', signal);
      }
      await this.#simple('DISCARD ALL', signal);
      return this.#channel.usable && this.#channel.status === 'idle';
    } catch {
      // expected: then another connection is made for the next guest.
      return false;
    }
  }

  hold(held: boolean): void {
    this.#channel.hold(held);
  }

  destroy(): void {
    this.#channel.destroy();
  }

  /** Rows and counts are nobody's. */
  #simple(sql: string, signal: AbortSignal): Promise<void> {
    return this.#channel.exchange(simpleQuery(sql), () => {}, signal);
  }
}

function valuesOf(body: Buffer): (Buffer | undefined)[] {
  const fields = new Fields(body);
  return Array.from({ length: fields.int16() }, () => fields.value());
}

/** `INSERT 0 5` and `UPDATE 5` end with the number; `BEGIN` has none. */
function touchedBy(body: Buffer): bigint {
  const [, count = '0'] = / (\d+)\0$/.exec(body.toString('latin1')) ?? [];
  return BigInt.asUintN(64, BigInt(count));
}
