// One connection to a Redis server: ioredis over a socket that was opened elsewhere, without its reconnecting, queueing and
// greeting. Whatever is wrong ends it for good, and all who wait are told. Loaded when it is needed first.
import type { Socket } from 'node:net';
import { AbstractConnector, Command, Redis, ReplyError } from 'ioredis';
import { connectionErrorText } from '../../network/index.ts';
import { GuardedSocket } from '../../driver-socket/guarded-socket.ts';
import { ConnectionLost } from './connection-lost.ts';
import { ProtocolError } from './protocol-error.ts';
import { RedisError, replyOf, type Reply } from './reply.ts';
import { ReplyGuard, type Kind } from './reply-guard.ts';

export type Argument = string | bigint | number | Uint8Array;

/** Spin's MAX_HOST_BUFFERED_BYTES: what one answer may hold (spin-contract.md §4). */
const MAX_REPLY_BYTES = 134_217_728;

/** A server that has begun a reply and then says nothing for this long will not end it. Before that it may take its time. */
const STALL_MS = 30_000;

export interface ConnectionOptions {
  /** Called once, with what ended it. */
  readonly onClose: (reason: Error) => void;
  /** No command is sent that waits, as BLPOP does, so that silence means that the server is gone. */
  readonly answersAtOnce?: boolean;
  /** Takes what is published in the channels that the connection subscribes to; it is for nothing else then. */
  readonly onMessage?: (channel: Buffer, payload: Buffer) => void;
}

/** What a server sends to a subscriber, by the kinds of its values. */
const MESSAGE = '*$$$';

/** What it may answer there. The client takes answers apart without looking, and throws where nobody can catch. */
const SUBSCRIBERS_ANSWERS = ['-', '*$$:', '*$$'];

/**
 * A command that the client knows nothing of but its bytes: by a command's name it would keep state of its own (SUBSCRIBE,
 * QUIT, SELECT), change arguments and replies (`mset`, `hgetall`), and show arguments (AUTH) in errors and traces.
 */
class OpaqueCommand extends Command {
  readonly #bytes: string | Buffer;
  /** Of the values of its reply, once that is complete. */
  kinds: readonly Kind[] = [];

  constructor(name: string, args: readonly Argument[]) {
    super('', args.map(clientArgument), { replyEncoding: null });
    this.name = name;
    this.#bytes = super.toWritable(this);
    this.name = '';
    this.args = [];
  }

  override toWritable(): string | Buffer {
    return this.#bytes;
  }
}

const clientArgument = (argument: Argument): string | Buffer =>
  argument instanceof Uint8Array
    ? Buffer.from(argument.buffer, argument.byteOffset, argument.byteLength)
    : String(argument);

export class RedisConnection {
  readonly #stream: GuardedSocket;
  readonly #client: Redis;
  readonly #pending: Command[] = [];
  readonly #guard: ReplyGuard;
  readonly #onClose: (reason: Error) => void;
  readonly #subscribes: boolean;
  #failure: Error | undefined;

  private constructor(socket: Socket, { onClose, answersAtOnce = false, onMessage }: ConnectionOptions) {
    this.#onClose = onClose;
    this.#subscribes = onMessage !== undefined;
    this.#guard = new ReplyGuard({ replyBytes: MAX_REPLY_BYTES }, (kinds) => this.#answered(kinds));
    const stream = new GuardedSocket(socket, this.#guard);
    this.#stream = stream;
    socket.setTimeout(STALL_MS, () => {
      const isReading = !stream.isPaused();
      if (isReading && (this.#guard.midReply || (answersAtOnce && this.#pending.length > 0))) {
        this.#fail(new ConnectionLost('timed out'));
      }
    });
    stream.on('error', (error) => this.#fail(failureOf(error)));
    stream.on('close', () => this.#fail(new ConnectionLost('unexpected end of file')));
    this.#client = new Redis({
      Connector: connectorTo(stream),
      lazyConnect: true,
      retryStrategy: () => null,
      enableOfflineQueue: false,
      enableReadyCheck: false,
      disableClientInfo: true,
      // The guest decides by HELLO.
      protocol: 2,
      // Integers have 64 bits.
      stringNumbers: true,
    });
    this.#client.on('error', (error) => this.#fail(failureOf(error)));
    if (onMessage !== undefined) {
      this.#client.on('messageBuffer', onMessage);
    }
  }

  /** `socket` is connected, and the connection's from now on. */
  static async over(socket: Socket, options: ConnectionOptions): Promise<RedisConnection> {
    const connection = new RedisConnection(socket, options);
    try {
      await connection.#client.connect();
    } catch (cause) {
      throw connection.#failure ?? new ConnectionLost('unexpected end of file', { cause });
    }
    return connection;
  }

  get usable(): boolean {
    return this.#failure === undefined;
  }

  /** Nobody waits for a reply. */
  get quiet(): boolean {
    return this.#pending.length === 0 && !this.#guard.midReply;
  }

  /** Whether it keeps the process alive. */
  hold(held: boolean): void {
    if (held) {
      this.#stream.ref();
    } else {
      this.#stream.unref();
    }
  }

  /** Whether what the server sends stays where it is for now. */
  pause(paused: boolean): void {
    if (paused) {
      this.#stream.pause();
    } else {
      this.#stream.resume();
    }
  }

  /** The server's refusal is a reply too. Rejects with ConnectionLost or ProtocolError. */
  async send(name: string, args: readonly Argument[] = []): Promise<Reply> {
    const command = new OpaqueCommand(name, args);
    const answer = await this.#answerTo(command);
    return answer instanceof RedisError ? answer : replyOf(answer, command.kinds);
  }

  /** For connections with `onMessage`. */
  async subscribe(channel: string): Promise<RedisError | undefined> {
    const answer = await this.#answerTo(new Command('subscribe', [channel]));
    return answer instanceof RedisError ? answer : undefined;
  }

  /** The same for one that has subscribed, where servers answer few commands. */
  async ping(): Promise<void> {
    await this.#answerTo(new Command('ping'));
  }

  destroy(reason: Error = new ConnectionLost('the connection was closed')): void {
    this.#fail(reason);
  }

  async #answerTo(command: Command): Promise<unknown> {
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
    this.#pending.push(command);
    try {
      return await this.#client.sendCommand(command);
    } catch (error) {
      if (error instanceof ReplyError) {
        return new RedisError((error as Error).message);
      }
      throw this.#failure ?? error;
    }
  }

  #answered(kinds: readonly Kind[]): void {
    if (this.#subscribes && kinds.join('') === MESSAGE) {
      return;
    }
    const command = this.#pending.shift();
    if (command === undefined) {
      throw new ProtocolError('the server answers what nobody asked');
    }
    if (command instanceof OpaqueCommand) {
      command.kinds = kinds;
    } else if (!SUBSCRIBERS_ANSWERS.includes(kinds.join(''))) {
      throw new ProtocolError('the server does not answer as to a subscriber');
    }
  }

  #fail(failure: Error): void {
    if (this.#failure !== undefined) {
      return;
    }
    this.#failure = failure;
    this.#pending.length = 0;
    // The client hears of it by the stream's end, and tells those who wait.
    this.#stream.destroy();
    this.#onClose(failure);
  }
}

/** The client asks a connector for its socket. */
const connectorTo = (stream: GuardedSocket) =>
  class extends AbstractConnector {
    constructor() {
      super(0);
    }

    override async connect() {
      // It has what the client uses of a socket.
      return stream as unknown as Socket;
    }

    override disconnect(): void {
      stream.destroy();
    }
  };

const failureOf = (error: Error): Error =>
  error instanceof ProtocolError || error instanceof ConnectionLost
    ? error
    : new ConnectionLost(connectionErrorText(error), { cause: error });
