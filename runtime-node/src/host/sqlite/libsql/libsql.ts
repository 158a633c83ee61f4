// A database on a libSQL server, by Hrana over HTTP. The address and token are the operator's, so no component's allowed
// hosts are asked; the token goes to that origin only and stands in no message.
import { ioError, type QueryResult, type SqlConnection, type SqlDatabase, type SqlValue } from '../backend.ts';
import { MAX_RESULT_BYTES } from '../../result-size.ts';
import {
  HranaMalformed,
  readAnswer,
  toHrana,
  type HranaResult,
  type PipelineAnswer,
  type PipelineRequest,
} from './protocol.ts';

export interface LibsqlServer {
  /** http: or https: */
  readonly url: URL;
  readonly token: string;
}

/** A server that is silent for so long is given up. */
const ANSWER_TIMEOUT_MS = 30_000;
/** An answer in JSON: base64 adds a third, and each value some thirty characters. */
const MAX_ANSWER_BYTES = 2 * MAX_RESULT_BYTES;
/** What a server may say in an error that goes on to the guest. */
const MAX_ERROR_CHARACTERS = 1000;

export class LibsqlDatabase implements SqlDatabase {
  readonly summary: string;
  readonly #server: LibsqlServer;

  constructor(server: LibsqlServer) {
    this.#server = server;
    const { origin, pathname } = server.url;
    this.summary = `libSQL at ${origin}${pathname === '/' ? '' : pathname}`;
  }

  connect(): SqlConnection {
    return new LibsqlConnection(this.#server);
  }

  async close(): Promise<void> {}
}

class LibsqlConnection implements SqlConnection {
  readonly #server: LibsqlServer;
  #base: URL;
  #baton: string | null = null;
  #last: Promise<unknown> = Promise.resolve();
  lastInsertRowid = 0n;
  changes = 0n;

  constructor(server: LibsqlServer) {
    this.#server = server;
    this.#base = server.url;
  }

  async execute(statement: string, parameters: readonly SqlValue[], signal: AbortSignal): Promise<QueryResult> {
    const args = parameters.map(toHrana);
    const result = await this.#inTurn({ type: 'execute', stmt: { sql: statement, args, want_rows: true } }, signal);
    this.lastInsertRowid = result.lastInsertRowid;
    this.changes = result.changes;
    return { columns: result.columns, rows: result.rows };
  }

  async batch(statements: string, signal: AbortSignal): Promise<void> {
    await this.#inTurn({ type: 'sequence', sql: statements }, signal);
  }

  /** The server closes the stream of a client that went; a transaction that is open would hold its locks until then. */
  close(): void {
    if (this.#baton !== null) {
      const said = this.#inTurn({ type: 'close' }, AbortSignal.timeout(ANSWER_TIMEOUT_MS));
      // expected: nobody waits for the answer.
      said.catch(() => {});
    }
  }

  /** A stream takes one request at a time. */
  #inTurn(request: PipelineRequest, signal: AbortSignal): Promise<HranaResult> {
    const answer = this.#last.then(() => this.#ask(request, signal));
    // expected: who asked hears of a failure; the next request does not depend on it.
    this.#last = answer.catch(() => {});
    return answer;
  }

  async #ask(request: PipelineRequest, signal: AbortSignal): Promise<HranaResult> {
    signal.throwIfAborted();
    let answer: PipelineAnswer;
    try {
      answer = readAnswer(await this.#post(JSON.stringify({ baton: this.#baton, requests: [request] }), signal));
    } catch (error) {
      this.#baton = null;
      signal.throwIfAborted();
      throw error instanceof HranaMalformed
        ? ioError(`Hrana: \`unexpected response: \`${error.message}\`\``, error)
        : error;
    }
    this.#baton = answer.baton;
    this.#moveTo(answer.baseUrl);
    if ('failure' in answer.result) {
      throw ioError(answer.result.failure);
    }
    return answer.result;
  }

  /** A server may name another path of its own for the stream; another origin would get the token. */
  #moveTo(baseUrl: string | null): void {
    const base = baseUrl === null ? null : URL.parse(baseUrl);
    if (base?.origin === this.#server.url.origin) {
      this.#base = base;
    }
  }

  async #post(body: string, signal: AbortSignal): Promise<string> {
    const url = new URL(this.#base);
    url.pathname = `${url.pathname.replace(/\/$/, '')}/v2/pipeline`;
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]);
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { authorization: `Bearer ${this.#server.token}`, 'content-type': 'application/json' },
        body,
        redirect: 'error',
        signal: deadline,
      });
      const text = await limitedText(response);
      if (!response.ok) {
        throw ioError(
          `Hrana: \`api error: \`status=${response.status}, body=${text.slice(0, MAX_ERROR_CHARACTERS)}\`\``,
        );
      }
      return text;
    } catch (error) {
      // What fetch rejects with, a TypeError with the reason as its cause, or the deadline.
      if (error instanceof TypeError || error === deadline.reason) {
        throw ioError(`Hrana: \`http error: \`${reasonOf(error)}\`\``, error);
      }
      throw error;
    }
  }
}

async function limitedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) {
      throw new HranaMalformed(`an answer of more than ${MAX_ANSWER_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
