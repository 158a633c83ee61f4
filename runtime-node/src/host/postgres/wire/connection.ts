// A session with a PostgreSQL server: statements with parameters, rows in binary form, and the way back to a session as it
// was made, for the next guest.
import { MAX_RESULT_BYTES } from '../../result-size.ts';
import type { Channel } from './channel.ts';
import { Fields } from './fields.ts';
import { ProtocolError, type Frame } from './frames.ts';
import { Description, PreparedStatements, type Prepared } from './prepared.ts';
import { bind, closeStatement, copyFail, describeStatement, execute, parse, simpleQuery, sync } from './requests.ts';
import { ServerError } from './server-error.ts';

/** One row may be as large as a whole answer. */
export const MAX_MESSAGE_BYTES = MAX_RESULT_BYTES;

/** Kept at the server for one connection; an app has some dozens of statements. */
const MAX_PREPARED = 100;
/** Longer ones are seldom sent twice, and kept twice: here and there. */
const MAX_PREPARED_CHARACTERS = 16_384;

/** What a session may have set, taken back (`DISCARD ALL` but for our prepared statements). */
const RESET = [
  'CLOSE ALL',
  'SET SESSION AUTHORIZATION DEFAULT',
  'RESET ALL',
  'UNLISTEN *',
  'SELECT pg_advisory_unlock_all()',
  'DISCARD PLANS',
  'DISCARD TEMP',
  'DISCARD SEQUENCES',
  '',
].join(';');

/** Prepares statements by SQL, or runs what may do so: our names could be in use then. */
const MAY_PREPARE = /\b(?:prepare|deallocate|discard|execute|do|call)\b/i;

/** SQLSTATE of what an old prepared statement fails with: it is gone, or its table has changed. */
const STALE: ReadonlySet<string> = new Set(['26000', '0A000']);

/** Gets each row as it comes; may throw, which breaks the connection. */
export type TakeRow = (values: readonly (Buffer | undefined)[]) => void;

export class Connection {
  readonly #channel: Channel;
  readonly #prepared = new PreparedStatements(MAX_PREPARED);
  #needsDiscard = false;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  get usable(): boolean {
    return this.#channel.usable;
  }

  /** What the server says of a statement. */
  async prepare(statement: string, signal: AbortSignal): Promise<Prepared> {
    const known = this.#prepared.find(statement);
    if (known !== undefined) {
      return known;
    }
    this.#needsDiscard ||= MAY_PREPARE.test(statement);
    const name = statement.length > MAX_PREPARED_CHARACTERS ? '' : this.#prepared.newName();
    const description = new Description(name);
    const requests = [parse(name, statement), describeStatement(name), sync()];
    await this.#channel.exchange(Buffer.concat(requests), description.take, signal);
    const { prepared } = description;
    const evicted = name === '' ? undefined : this.#prepared.add(statement, prepared);
    if (evicted !== undefined) {
      await this.#channel.exchange(Buffer.concat([closeStatement(evicted.name), sync()]), description.take, signal);
    }
    return prepared;
  }

  /** Gives the number of rows that the statement has touched. */
  async run(
    prepared: Prepared,
    parameters: readonly (Buffer | undefined)[],
    takeRow: TakeRow,
    signal: AbortSignal,
  ): Promise<bigint> {
    let touched = 0n;
    const take = ({ type, body }: Frame): void => {
      switch (type) {
        case '2': // Bound.
        case 'I': // The statement was empty.
        case 'H': // COPY to the client: what comes is not looked at.
        case 'd':
        case 'c':
          return;
        case 'D':
          takeRow(valuesOf(body));
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
    const requests = [bind(prepared.name, parameters), execute(), sync()];
    await this.#channel.exchange(Buffer.concat(requests), take, signal);
    return touched;
  }

  /** Whether the same may work when it is prepared anew; nothing has been done then. */
  forgetStale(statement: string, error: unknown): boolean {
    const stale =
      error instanceof ServerError && STALE.has(error.code) && this.#channel.status === 'idle' && this.#channel.usable;
    if (stale) {
      this.#prepared.forget(statement);
    }
    return stale;
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
      if (this.#needsDiscard) {
        await this.#simple('DISCARD ALL', signal);
        this.#prepared.clear();
        this.#needsDiscard = false;
      } else {
        await this.#simple(RESET, signal);
      }
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
