// The guest rsql, asked for one connection and its statements (test/guests/rsql).
import type { FakeGuestOptions } from './fake-guest.ts';
import { realGuest, type RealGuest, type RealGuestOptions } from './real-guest.ts';

export interface Asked {
  /** Queries; one that begins with `!` is executed, its rows left. */
  readonly statements: readonly string[];
  /** Of the last statement, `kind:text`. */
  readonly parameters?: readonly string[];
  /** More of the guest's query, e.g. `hold`. */
  readonly more?: Readonly<Record<string, string>>;
}

export class SqlGuest implements AsyncDisposable {
  readonly #guest: RealGuest;

  constructor(guest: RealGuest) {
    this.#guest = guest;
  }

  /** Lines of the answer. */
  async ask(version: string, address: string, { statements, parameters = [], more = {} }: Asked): Promise<string[]> {
    const query = new URLSearchParams([['a', address], ...Object.entries(more)]);
    for (const statement of statements) {
      query.append(statement.startsWith('!') ? 'x' : 's', statement.replace(/^!/, ''));
    }
    for (const parameter of parameters) {
      query.append('p', parameter);
    }
    // The guest leaves `+` as it is.
    const answer = await this.#guest.text(`/${version}?${query.toString().replaceAll('+', '%20')}`);
    return Buffer.from(answer, 'latin1').toString('utf8').trimEnd().split('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#guest[Symbol.asyncDispose]();
  }
}

/** `bytes`: of rsql. */
export async function sqlGuest(
  bytes: Uint8Array,
  metadata: FakeGuestOptions['metadata'],
  options: Omit<RealGuestOptions, 'metadata'> = {},
): Promise<SqlGuest> {
  return new SqlGuest(await realGuest(bytes, { ...options, metadata: metadata ?? {} }));
}
