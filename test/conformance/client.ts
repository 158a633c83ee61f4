// What an HTTP/1.1 client sees of an answer: on a connection of its own unless an agent is given.
import { request, type Agent, type ClientRequest, type IncomingMessage } from 'node:http';

export interface Asked {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly body?: string;
  readonly trailers?: Readonly<Record<string, string | undefined>>;
  /** The connection ended before the message did. */
  readonly cut?: true;
}

/** A request that is still to be written. */
export function open(port: number, path: string, { method = 'GET', headers = {}, agent }: Asked = {}): ClientRequest {
  return request({ port, host: '127.0.0.1', path, method, headers, agent: agent ?? false });
}

/** The head of the answer; rejects when the connection ends first. */
export function responseTo(client: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    client.on('response', resolve);
    client.on('error', reject);
  });
}

/** Reads an answer to its end; `date` is left out. */
export function readWhole(response: IncomingMessage): Promise<Answer> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    const done = (cut: boolean): void => {
      const { date: _, ...headers } = response.headers;
      resolve({
        status: response.statusCode ?? 0,
        headers,
        body: Buffer.concat(pieces).toString(),
        ...(Object.keys(response.trailers).length > 0 ? { trailers: response.trailers } : {}),
        ...(cut ? { cut } : {}),
      });
    };
    response.on('data', (piece: Buffer) => pieces.push(piece));
    response.on('end', () => done(false));
    response.on('error', () => done(true));
  });
}

export async function ask(port: number, path: string, asked: Asked = {}): Promise<Answer> {
  const { body, headers } = asked;
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const client = open(port, path, { ...asked, headers: { ...headers, ...length } });
  client.end(body);
  const response = await responseTo(client).catch((error: NodeJS.ErrnoException) => {
    // expected: a connection that ends without an answer is what some cases are about.
    if (error.code !== 'ECONNRESET') {
      throw error;
    }
    return undefined;
  });
  return response === undefined ? { cut: true } : readWhole(response);
}

/** An answer as it comes in. */
export class BodyReader {
  readonly response: IncomingMessage;
  text = '';
  /** undefined while the answer is still coming. */
  end: 'whole' | 'cut' | undefined;
  #wake: () => void = () => {};

  constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding('latin1');
    response.on('data', (piece: string) => {
      this.text += piece;
      this.#wake();
    });
    response.on('end', () => this.#finish('whole'));
    response.on('error', () => this.#finish('cut'));
  }

  /** Resolves when this much is there; rejects when the answer ends before. */
  async until(length: number): Promise<string> {
    while (this.text.length < length) {
      if (this.end !== undefined) {
        throw new Error(`the answer ended, ${this.end}, after ${JSON.stringify(this.text.slice(-200))}`);
      }
      await this.#more();
    }
    return this.text;
  }

  async whole(): Promise<'whole' | 'cut'> {
    while (this.end === undefined) {
      await this.#more();
    }
    return this.end;
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #finish(end: 'whole' | 'cut'): void {
    this.end ??= end;
    this.#wake();
  }
}
