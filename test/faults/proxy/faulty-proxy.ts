// A proxy between an operator and the API server: it counts every write, and makes the faults it is told to make. It ends
// TLS with a certificate of its own, which is in the kubeconfig that the operator gets.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { selfSigned } from '../../certificates/self-signed.ts';
import type { Fault, ReadFault, Refusal, TracedWrite, WriteFault } from './types.ts';
import { StaleLists } from './stale-lists.ts';
import { WatchFaults } from './watch-faults.ts';

export interface FaultyProxyOptions {
  /** The API server. */
  readonly url: string;
  readonly certificateAuthority: string;
  /** Ends the operator as a crash does; the proxy goes on once it has ended. */
  readonly kill: () => Promise<void>;
}

export interface FaultyProxy {
  readonly url: string;
  /** PEM, for the operator's kubeconfig. */
  readonly certificateAuthority: string;
  /** Every mutating request since the last `inject`. */
  readonly writes: readonly TracedWrite[];
  /** Every request since the last `inject`, reads included. */
  readonly requests: number;
  /** Forgets what was counted, and makes these faults from now on. */
  inject(faults: readonly Fault[]): void;
  /** Every request gets this answer from now on, until it is undefined again: a storm of refusals. */
  refuseAll(status: Refusal | undefined): void;
  /** Events of watches since the last `inject`, by resource. */
  readonly events: ReadonlyMap<string, number>;
  /** Whether every fault of a write, a watch or a read has happened. */
  readonly spent: boolean;
  /**
   * Lets frozen watches and stale lists go on: frozen ones end, so that their client asks again, and those from which an
   * event was dropped end as too old, so that it lists again.
   */
  thaw(): void;
  stop(): Promise<void>;
}

const MUTATING = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
/** They say nothing about apps, and come by the clock. */
const UNCOUNTED = /\/(leases|events)(\/|\?|$)/;

type Request = Http2ServerRequest;
type Response = Http2ServerResponse;

export async function startFaultyProxy(options: FaultyProxyOptions): Promise<FaultyProxy> {
  const { key, cert } = selfSigned();
  const agent = new Agent({ keepAlive: true, ca: options.certificateAuthority });
  const proxy = new Proxy(options, agent);
  const server = createSecureServer({ key, cert, allowHTTP1: true }, (request, response) => {
    proxy.handle(request, response).catch(() => cut(response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    certificateAuthority: cert,
    get writes() {
      return proxy.writes;
    },
    get requests() {
      return proxy.requests;
    },
    get events() {
      return proxy.events;
    },
    get spent() {
      return proxy.spent;
    },
    inject: (faults) => proxy.inject(faults),
    refuseAll: (status) => (proxy.refusal = status),
    thaw: () => proxy.thaw(),
    async stop() {
      proxy.thaw();
      agent.destroy();
      for (const session of sessions) {
        session.destroy();
      }
      server.close();
      await once(server, 'close');
    },
  };
}

class Proxy {
  writes: TracedWrite[] = [];
  requests = 0;
  refusal: Refusal | undefined;
  #writeFaults: WriteFault[] = [];
  #readFaults: ReadFault[] = [];
  readonly #watchFaults = new WatchFaults();
  #stale = new StaleLists([]);
  readonly #options: FaultyProxyOptions;
  readonly #agent: Agent;

  constructor(options: FaultyProxyOptions, agent: Agent) {
    this.#options = options;
    this.#agent = agent;
  }

  get events(): ReadonlyMap<string, number> {
    return this.#watchFaults.seen;
  }

  get spent(): boolean {
    return this.#writeFaults.length === 0 && this.#readFaults.length === 0 && this.#watchFaults.spent;
  }

  inject(faults: readonly Fault[]): void {
    this.writes = [];
    this.requests = 0;
    this.#writeFaults = faults.filter((fault) => 'write' in fault);
    this.#readFaults = faults.filter((fault) => 'read' in fault);
    this.#watchFaults.inject(faults.filter((fault) => 'event' in fault));
    this.#stale = new StaleLists(faults.flatMap((fault) => ('staleList' in fault ? [fault.staleList] : [])));
  }

  thaw(): void {
    this.#stale = new StaleLists([]);
    this.#watchFaults.end();
  }

  async handle(request: Request, response: Response): Promise<void> {
    const body = await bodyOf(request);
    const counted = !UNCOUNTED.test(request.url);
    this.requests += counted ? 1 : 0;
    if (this.refusal !== undefined) {
      answerStatus(response, this.refusal);
      return;
    }
    if (MUTATING.has(request.method) && counted) {
      await this.#write(request, body, response);
    } else {
      await this.#read(request, body, response);
    }
  }

  async #write(request: Request, body: Buffer, response: Response): Promise<void> {
    const traced: TracedWrite = {
      number: this.writes.length + 1,
      method: request.method,
      path: request.url,
      body: createHash('sha256').update(body).digest('hex').slice(0, 16),
      at: performance.now(),
      status: undefined,
    };
    this.writes.push(traced);
    const fault = this.#takeWriteFault(traced.number);
    if (fault?.kind === 'kill-before') {
      await this.#options.kill();
      cut(response);
      return;
    }
    if (fault?.kind === 'answer') {
      answerStatus(response, fault.status);
      return;
    }
    if (fault?.kind === 'delay') {
      await sleep(fault.ms);
    }
    const answer = await this.#forward(request, body);
    traced.status = answer.statusCode;
    const content = await contentOf(answer);
    if (fault?.kind === 'kill-after') {
      await this.#options.kill();
    }
    if (fault?.kind === 'kill-after' || fault?.kind === 'lose-reply') {
      cut(response);
      return;
    }
    writeHead(response, answer);
    response.end(content);
  }

  #takeWriteFault(number: number): WriteFault['action'] | undefined {
    const index = this.#writeFaults.findIndex(({ write }) => write === number);
    return index < 0 ? undefined : this.#writeFaults.splice(index, 1)[0]?.action;
  }

  /** Of a watch or a list: objects by their name are no resource that a fault names. */
  #takeReadFault(resource: string): ReadFault['action'] | undefined {
    const index = this.#readFaults.findIndex(({ read }) => read === resource);
    return index < 0 ? undefined : this.#readFaults.splice(index, 1)[0]?.action;
  }

  async #read(request: Request, body: Buffer, response: Response): Promise<void> {
    const { pathname, searchParams } = new URL(request.url, this.#options.url);
    const resource = pathname.split('/').at(-1) ?? '';
    const isWatch = searchParams.get('watch') === 'true' || searchParams.get('watch') === '1';
    const isList = !isWatch || searchParams.get('sendInitialEvents') === 'true';
    const fault = this.#takeReadFault(resource);
    if (fault?.kind === 'answer') {
      answerStatus(response, fault.status);
      return;
    }
    if (fault?.kind === 'delay') {
      await sleep(fault.ms);
    }
    const stale = isList ? this.#stale : undefined;
    const answered = stale?.answer(request.url);
    if (answered !== undefined) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write(answered);
      if (isWatch) {
        this.#watchFaults.hold(resource, response);
      } else {
        response.end();
      }
      return;
    }
    const answer = await this.#forward(request, body);
    if (isWatch && answer.statusCode === 200) {
      // Another number of bytes may come than was announced.
      delete answer.headers['content-length'];
      writeHead(response, answer);
      response.once('close', () => answer.destroy());
      const onLine = stale?.recorder(resource, request.url);
      await this.#watchFaults.pass(
        { resource, cut: () => cut(response), ...(onLine === undefined ? {} : { onLine }) },
        answer,
        response,
      );
      return;
    }
    writeHead(response, answer);
    const content = await contentOf(answer);
    if (!isWatch && answer.statusCode === 200) {
      stale?.note(resource, request.url, content.toString());
    }
    response.end(content);
  }

  #forward(request: Request, body: Buffer): Promise<IncomingMessage> {
    const { host: _host, connection: _connection, 'transfer-encoding': _coding, ...headers } = request.headers;
    const passed = Object.entries(headers).filter(([name]) => !name.startsWith(':'));
    const settings: RequestOptions = {
      method: request.method,
      agent: this.#agent,
      // Line by line, watches can only be read as they are.
      headers: { ...Object.fromEntries(passed), 'accept-encoding': 'identity', 'content-length': body.length },
    };
    return new Promise((resolve, reject) => {
      const asked = httpsRequest(new URL(request.url, this.#options.url), settings, resolve);
      asked.once('error', reject);
      request.stream?.once('close', () => asked.destroy());
      asked.end(body);
    });
  }
}

/** The connection of HTTP/1.1, or the stream of HTTP/2. */
function cut(response: Response): void {
  const { stream, socket } = response as Partial<Pick<Response, 'stream' | 'socket'>>;
  (stream ?? socket)?.destroy();
}

async function bodyOf(request: Request): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

async function contentOf(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function writeHead(response: Response, answer: IncomingMessage): void {
  const { connection: _connection, 'transfer-encoding': _coding, 'keep-alive': _alive, ...headers } = answer.headers;
  response.writeHead(answer.statusCode ?? 502, headers);
}

/** As the API server words it (metav1.Status). */
function answerStatus(response: Response, code: number): void {
  const reasons: Readonly<Record<number, string>> = {
    409: 'Conflict',
    410: 'Expired',
    429: 'TooManyRequests',
    500: 'InternalError',
    503: 'ServiceUnavailable',
  };
  const body = { apiVersion: 'v1', kind: 'Status', status: 'Failure', code, reason: reasons[code], message: 'a fault' };
  response.writeHead(code, {
    'content-type': 'application/json',
    ...(code === 429 || code === 503 ? { 'retry-after': '1' } : {}),
  });
  response.end(JSON.stringify(body));
}
