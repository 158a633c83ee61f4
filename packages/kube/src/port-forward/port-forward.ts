// One TCP connection to a port of a pod, through the API server: a WebSocket of binary messages whose first byte is the
// channel, 0 for data and 1 for what went wrong (`v4.channel.k8s.io`, which the kubelet speaks).
import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { objectPath, resource } from '../client/resource.ts';
import type { ClusterAccess, CredentialHeaders } from '../transport/access.ts';
import { dialPlain, dialTls } from '../transport/dial.ts';
import { TransportError } from '../transport/errors.ts';
import { apiErrorOf } from '../transport/status.ts';

const PODS = resource({ group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespaced: true });

const PROTOCOL = 'v4.channel.k8s.io';
const DATA = 0;
const ERROR = 1;
/** Each channel begins with the port that it is of, in two bytes. */
const PORT_BYTES = 2;
/** A Status is short. */
const MAX_ERROR_BYTES = 64 * 1024;

export interface PortForwardTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/** Bytes in and out. Ends when the pod ends the connection; fails with what the kubelet says. Throws as a transport does. */
export async function openPortForward(access: ClusterAccess, target: PortForwardTarget): Promise<Duplex> {
  const credentials = await access.headers();
  const first = await open(access, credentials, target);
  if (!('status' in first)) {
    return first;
  }
  if (first.status !== 401 || !(await access.renew(credentials))) {
    throw first.error;
  }
  const second = await open(access, await access.headers(), target);
  if ('status' in second) {
    throw second.error;
  }
  return second;
}

interface Refusal {
  readonly status: number;
  readonly error: Error;
}

async function open(
  access: ClusterAccess,
  headers: CredentialHeaders,
  { namespace, pod, port }: PortForwardTarget,
): Promise<Duplex | Refusal> {
  // Only who forwards pays for it.
  const { WebSocket: Client } = await import('ws');
  const { server } = access;
  const socket = server.protocol === 'https:' ? await dialTls(access, ['http/1.1']) : await dialPlain(access);
  const path = `${server.pathname.replace(/\/$/, '')}${objectPath(PODS, { namespace, name: pod }, 'portforward')}`;
  const client = new Client(`ws://${server.host}${path}?ports=${port}`, [PROTOCOL], {
    // TLS and proxies are behind this socket already.
    createConnection: () => socket,
    headers,
    perMessageDeflate: false,
  });
  const connection = new ForwardedConnection(client);
  // Until somebody has it, `once` below hears of what goes wrong.
  connection.on('error', () => {});
  const refused = new Promise<Refusal>((resolve) =>
    client.once('unexpected-response', (_request: ClientRequest, response: IncomingMessage) => {
      void refusalOf(response).then((refusal) => {
        socket.destroy();
        resolve(refusal);
      });
    }),
  );
  try {
    return await Promise.race([once(client, 'open').then(() => connection), refused]);
  } catch (error) {
    throw new TransportError('connect', `the API server makes no connection to ${pod}: ${messageOf(error)}`, error);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function refusalOf(response: IncomingMessage): Promise<Refusal> {
  const { statusCode: status = 500 } = response;
  let text = '';
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
    text = (text + chunk).slice(0, MAX_ERROR_BYTES);
  }
  return { status, error: apiErrorOf(parsed(text), status, response.headers['retry-after']) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // expected: the kubelet answers in plain text.
    return text;
  }
}

class ForwardedConnection extends Duplex {
  readonly #client: WebSocket;
  /** Channels whose first message, the port, has come. */
  readonly #begun = new Set<number>();

  constructor(client: WebSocket) {
    // The protocol has no way to end one direction only: what the pod still says is read until it ends the connection.
    super({ allowHalfOpen: true });
    this.#client = client;
    client.on('message', (message: Buffer) => this.#take(message));
    client.once('close', () => this.push(null));
    client.on('error', (error) => this.destroy(error));
  }

  #take(message: Buffer): void {
    const channel = message[0] ?? DATA;
    let payload = message.subarray(1);
    if (!this.#begun.has(channel)) {
      this.#begun.add(channel);
      payload = payload.subarray(PORT_BYTES);
    }
    if (payload.length === 0) {
      return;
    }
    if (channel === ERROR) {
      this.destroy(new TransportError('reset', payload.toString('utf8').trim()));
    } else if (!this.push(payload)) {
      this.#client.pause();
    }
  }

  override _read(): void {
    if (this.#client.isPaused) {
      this.#client.resume();
    }
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#client.send(Buffer.concat([Buffer.of(DATA), chunk]), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#client.terminate();
    done(error);
  }
}
