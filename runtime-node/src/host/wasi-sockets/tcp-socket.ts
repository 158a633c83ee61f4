// The `tcp-socket` resource: a client's way from nothing over a connection attempt to two streams. There is no socket of
// the system before the attempt. It never binds or listens: Spin denies that to every guest (spin-contract.md §4.11).
import type { Socket as NodeSocket } from 'node:net';
import { ok, type Result } from '../../component/index.ts';
import { Waiters } from '../io/waiters.ts';
import {
  fromNode,
  hostOf,
  isOfFamily,
  isRemote,
  isUnicast,
  toWit,
  type IpSocketAddress,
  type SocketAddress,
} from './address.ts';
import { errorCodeOf, fail, type ErrorCode } from './error-code.ts';
import type { OptionHolder, OptionValue, OptionValues } from './options.ts';
import { Socket } from './socket.ts';
import { TcpInputStream, TcpOutputStream } from './tcp-streams.ts';

export type ShutdownType = 'receive' | 'send' | 'both';

interface Connection {
  readonly socket: NodeSocket;
  readonly input: TcpInputStream;
  readonly output: TcpOutputStream;
  /** Kept, for Node forgets it when the connection ends. */
  readonly local: IpSocketAddress | undefined;
  readonly remote: IpSocketAddress;
}

type State =
  | { readonly kind: 'unconnected' }
  | { readonly kind: 'connecting' }
  /** The guest has not asked for the outcome yet. */
  | { readonly kind: 'settled'; readonly outcome: Result<Connection, ErrorCode> }
  | { readonly kind: 'connected'; readonly connection: Connection }
  /** The attempt has failed. */
  | { readonly kind: 'closed' };

const SECOND = 1_000_000_000n;
const NANOSECONDS_PER_MILLISECOND = 1_000_000;

/**
 * Linux: tcp_keepalive_*, ip_default_ttl, and half of the defaults of tcp_rmem and tcp_wmem, for the system's numbers
 * are twice what is asked for (socket(7)) and wasmtime halves them again.
 */
export const TCP_OPTIONS = {
  'keep-alive-enabled': false,
  'keep-alive-idle-time': 7200n * SECOND,
  'keep-alive-interval': 75n * SECOND,
  'keep-alive-count': 9,
  'hop-limit': 64,
  'receive-buffer-size': 65_536n,
  'send-buffer-size': 8192n,
} satisfies OptionValues;

export class TcpSocket extends Socket implements OptionHolder {
  #state: State = { kind: 'unconnected' };
  #place: Disposable | undefined;
  readonly #dropped = new AbortController();
  readonly #connecting = new Waiters();
  readonly #options = new Map<string, OptionValue>();

  startConnect(remote: SocketAddress): Result<undefined, ErrorCode> {
    const problem = this.#connectProblem(remote);
    if (problem !== undefined) {
      return fail(problem);
    }
    this.#place = this.rights.takePlace();
    if (this.#place === undefined) {
      return fail('new-socket-limit');
    }
    this.#state = { kind: 'connecting' };
    void this.#connect(remote);
    return ok(undefined);
  }

  finishConnect(): Result<readonly [TcpInputStream, TcpOutputStream], ErrorCode> {
    const state = this.#state;
    if (state.kind === 'connecting') {
      return fail('would-block');
    }
    if (state.kind !== 'settled') {
      return fail('not-in-progress');
    }
    if (state.outcome.tag === 'err') {
      this.#state = { kind: 'closed' };
      return state.outcome;
    }
    const connection = state.outcome.val;
    this.#state = { kind: 'connected', connection };
    this.addStreams();
    return ok([connection.input, connection.output]);
  }

  localAddress(): Result<IpSocketAddress, ErrorCode> {
    const state = this.#state;
    const local = state.kind === 'connected' ? state.connection.local : undefined;
    return local === undefined ? fail('invalid-state') : ok(local);
  }

  remoteAddress(): Result<IpSocketAddress, ErrorCode> {
    const state = this.#state;
    return state.kind === 'connected' ? ok(state.connection.remote) : fail('invalid-state');
  }

  shutdown(type: ShutdownType): Result<undefined, ErrorCode> {
    const state = this.#state;
    if (state.kind !== 'connected') {
      return fail('invalid-state');
    }
    if (type !== 'send') {
      state.connection.input.shutdown();
    }
    if (type !== 'receive') {
      state.connection.output.shutdown();
    }
    return ok(undefined);
  }

  setListenBacklogSize(value: bigint): Result<undefined, ErrorCode> {
    if (value === 0n) {
      return fail('invalid-argument');
    }
    return this.#state.kind === 'unconnected' ? ok(undefined) : fail('invalid-state');
  }

  override ready(): boolean {
    return this.#state.kind !== 'connecting';
  }

  override wait(): Promise<void> {
    return this.#connecting.until(() => this.ready());
  }

  override optionProblem(): ErrorCode | undefined {
    return this.#state.kind === 'unconnected' || this.#state.kind === 'connected' ? undefined : 'invalid-state';
  }

  option(name: string): OptionValue | undefined {
    return this.#options.get(name);
  }

  setOption(name: string, value: OptionValue): void {
    this.#options.set(name, value);
    if (this.#state.kind === 'connected') {
      this.#applyKeepAlive(this.#state.connection.socket);
    }
  }

  protected override close(): void {
    this.#dropped.abort(new Error('the socket was dropped'));
    if (this.#state.kind === 'connected') {
      this.#state.connection.socket.destroy();
    } else if (this.#state.kind === 'settled' && this.#state.outcome.tag === 'ok') {
      this.#state.outcome.val.socket.destroy();
    }
    this.#place?.[Symbol.dispose]();
  }

  /** In the order of wasmtime, but for the limit, which is asked last: a place is taken for what can be done. */
  #connectProblem(remote: SocketAddress): ErrorCode | undefined {
    if (!this.rights.allows('tcp', remote)) {
      return 'access-denied';
    }
    const { kind } = this.#state;
    if (kind !== 'unconnected') {
      return kind === 'connecting' || kind === 'settled' ? 'concurrency-conflict' : 'invalid-state';
    }
    const possible = isUnicast(remote) && isRemote(remote) && isOfFamily(remote, this.family);
    return possible ? undefined : 'invalid-argument';
  }

  async #connect(remote: SocketAddress): Promise<void> {
    const { signal } = this.#dropped;
    let outcome: Result<Connection, ErrorCode>;
    try {
      const endpoint = { host: hostOf(remote), port: remote.port };
      const socket = await this.rights.network.connect(endpoint, signal, { allowHalfOpen: true });
      outcome = ok(this.#connectionOver(socket, remote));
      if (signal.aborted) {
        socket.destroy();
      }
    } catch (error) {
      // expected: whatever it is, the guest hears of it by its code
      outcome = fail(errorCodeOf(error));
    }
    this.#state = { kind: 'settled', outcome };
    this.#connecting.wake();
  }

  /** At once, so that the streams hear of all that happens before the guest asks for them. */
  #connectionOver(socket: NodeSocket, remote: SocketAddress): Connection {
    const { localAddress: address, localPort: port } = socket;
    this.#applyKeepAlive(socket);
    return {
      socket,
      input: new TcpInputStream(socket, this.dropStream),
      output: new TcpOutputStream(socket, this.dropStream),
      local: address === undefined || port === undefined ? undefined : toWit(fromNode({ address, port })),
      remote: toWit(remote),
    };
  }

  /** Hop limit and buffer sizes are kept only: Node has no way to set them for TCP. */
  #applyKeepAlive(socket: NodeSocket): void {
    const number = (name: keyof typeof TCP_OPTIONS): number => Number(this.option(name) ?? TCP_OPTIONS[name]);
    socket.setKeepAlive(
      this.option('keep-alive-enabled') === true,
      number('keep-alive-idle-time') / NANOSECONDS_PER_MILLISECOND,
      number('keep-alive-interval') / NANOSECONDS_PER_MILLISECOND,
      number('keep-alive-count'),
    );
  }
}
