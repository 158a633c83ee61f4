// Names of types by their ids: those of extensions and of the user are asked for, once for all connections to a server.
import type { Connection, TakeAnswer } from '../client/connection.ts';
import { OID, TYPES } from './oids.ts';

/** A server with more types in use is asked again. */
const MAX_KNOWN = 10_000;

export class TypeNames {
  readonly #asked = new Map<number, string>();

  async of(oids: readonly number[], connection: Connection, signal: AbortSignal): Promise<ReadonlyMap<number, string>> {
    const names = new Map<number, string>();
    for (const oid of oids) {
      names.set(oid, TYPES.get(oid)?.name ?? this.#asked.get(oid) ?? (await this.#ask(oid, connection, signal)));
    }
    return names;
  }

  async #ask(oid: number, connection: Connection, signal: AbortSignal): Promise<string> {
    const parameter = Buffer.alloc(4);
    parameter.writeUInt32BE(oid);
    let name = '';
    const answer: TakeAnswer = {
      columns() {},
      row([value]) {
        name = value?.toString('utf8') ?? '';
      },
    };
    const statement = 'SELECT typname FROM pg_catalog.pg_type WHERE oid = $1';
    await connection.run(statement, [OID.oid], [parameter], answer, signal);
    if (this.#asked.size >= MAX_KNOWN) {
      this.#asked.clear();
    }
    this.#asked.set(oid, name);
    return name;
  }
}
