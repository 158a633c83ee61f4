// A session with a MySQL server: prepared statements, their rows, and the way back to a session as it was made.
import { MAX_RESULT_BYTES } from '../../result-size.ts';
import type { MySqlValue } from '../value.ts';
import { ConnectionLost, type Channel } from './channel.ts';
import { readColumn, readRow, UnconvertibleValue, type Column } from './column.ts';
import { Fields } from './fields.ts';
import { encodeParameters } from './parameters.ts';
import { ProtocolError } from './packets.ts';

/** One row may be as large as a whole answer. */
export const MAX_PACKET_BYTES = MAX_RESULT_BYTES;

/** Commands (MySQL's protocol, "Command Phase"). */
const QUIT = 0x01;
const PREPARE = 0x16;
const EXECUTE = 0x17;
const CLOSE = 0x19;
const RESET = 0x1f;

const OK = 0x00;
const LOCAL_INFILE = 0xfb;
const EOF = 0xfe;
/** An EOF packet is shorter; a longer one that begins so is a row. */
const MAX_EOF_BYTES = 9;
const MORE_RESULTS = 0x8;
/** 4096 columns, which is MySQL's limit, with 4 KiB each: five times what their names may take. */
const MAX_DEFINITION_BYTES = 16 * 1024 * 1024;

/** Kept at the server for one connection; an app has some dozens of statements. */
const MAX_PREPARED = 100;

export interface Prepared {
  readonly id: number;
  readonly parameters: number;
}

/** Gets the rows of the first result. */
export interface TakeRows {
  columns(columns: readonly Column[]): void;
  row(values: readonly MySqlValue[], bytes: number): void;
}

export class Connection {
  readonly #channel: Channel;
  /** By text, the one used last at the end. */
  readonly #prepared = new Map<string, Prepared>();

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  get usable(): boolean {
    return this.#channel.usable;
  }

  /** Rejects with ServerError, or with what ended the connection. */
  async prepare(statement: string): Promise<Prepared> {
    const known = this.#prepared.get(statement);
    if (known !== undefined) {
      this.#prepared.delete(statement);
      this.#prepared.set(statement, known);
      return known;
    }
    this.#command(PREPARE, Buffer.from(statement));
    const fields = new Fields(await this.#channel.answer(), 1);
    const id = fields.uint(4);
    const columns = fields.uint(2);
    const parameters = fields.uint(2);
    await this.#definitions(parameters);
    await this.#definitions(columns);
    const prepared = { id, parameters };
    this.#prepared.set(statement, prepared);
    const [oldest] = this.#prepared;
    if (oldest !== undefined && this.#prepared.size > MAX_PREPARED) {
      this.#prepared.delete(oldest[0]);
      this.#command(CLOSE, uint32(oldest[1].id));
    }
    return prepared;
  }

  async execute({ id }: Prepared, values: readonly MySqlValue[], take: TakeRows): Promise<void> {
    const noCursorOnce = Buffer.from([0, 1, 0, 0, 0]);
    this.#command(EXECUTE, Buffer.concat([uint32(id), noCursorOnce, encodeParameters(values)]));
    let failure: unknown;
    const later = (error: unknown): void => {
      failure ??= error;
    };
    for (let first = true, more = true; more; first = false) {
      more = await this.#result(first ? take : undefined, later);
    }
    if (failure !== undefined) {
      throw failure;
    }
  }

  /** Ends it for that reason when the signal is aborted; to be called when that is no longer so. */
  endWith(signal: AbortSignal): () => void {
    return this.#channel.endWith(signal);
  }

  fail(error: Error): void {
    this.#channel.fail(error);
  }

  async reset(signal: AbortSignal): Promise<boolean> {
    if (!this.#channel.usable || !this.#channel.quiet) {
      return false;
    }
    const settled = this.#channel.endWith(signal);
    try {
      this.#command(RESET);
      await this.#channel.answer();
      this.#prepared.clear();
      return this.#channel.usable;
    } catch {
      // expected: a server of before MySQL 5.7.3 cannot, and others may have gone; another connection is made.
      return false;
    } finally {
      settled();
    }
  }

  hold(held: boolean): void {
    this.#channel.hold(held);
  }

  destroy(): void {
    if (this.#channel.usable) {
      this.#command(QUIT);
    }
    this.#channel.fail(new ConnectionLost('connection closed'));
  }

  #command(command: number, body: Buffer = Buffer.alloc(0)): void {
    this.#channel.beginCommand();
    this.#channel.send(Buffer.concat([Buffer.from([command]), body]));
  }

  /** Whether another result follows. */
  async #result(take: TakeRows | undefined, later: (error: unknown) => void): Promise<boolean> {
    const packet = await this.#channel.answer();
    if (packet[0] === OK) {
      const fields = new Fields(packet, 1);
      fields.length(); // Rows that were touched.
      fields.length(); // The last number that was given.
      return hasMore(fields.uint(2));
    }
    if (packet[0] === LOCAL_INFILE) {
      throw new ProtocolError('the server asks for a file');
    }
    const columns = (await this.#definitions(new Fields(packet).length() ?? 0)).map(readColumn);
    take?.columns(columns);
    for (;;) {
      const row = await this.#channel.answer();
      if (isEof(row)) {
        return hasMore(new Fields(row, 3).uint(2));
      }
      try {
        take?.row(readRow(row, columns), row.length);
      } catch (error) {
        if (!(error instanceof UnconvertibleValue)) {
          throw error;
        }
        // expected: thrown when the last row has come, so that the connection can go on.
        later(error);
      }
    }
  }

  /** Of columns or parameters, with the packet that ends them. */
  async #definitions(count: number): Promise<Buffer[]> {
    const definitions: Buffer[] = [];
    let bytes = 0;
    for (let i = 0; i < count; i++) {
      const definition = await this.#channel.answer();
      bytes += definition.length;
      if (bytes > MAX_DEFINITION_BYTES) {
        throw new ProtocolError('definitions without an end');
      }
      definitions.push(definition);
    }
    if (count > 0 && !isEof(await this.#channel.answer())) {
      throw new ProtocolError('more definitions than were announced');
    }
    return definitions;
  }
}

const isEof = (packet: Buffer): boolean => packet[0] === EOF && packet.length < MAX_EOF_BYTES;
const hasMore = (status: number): boolean => (status & MORE_RESULTS) !== 0;

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
