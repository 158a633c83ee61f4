// What TCP and UDP sockets share: a family, options that can be set and read back, and a pollable. No socket of the
// operating system stands behind them: every way to an address is denied (spin-contract.md §4.11).
import { err, ok, plain, type HostFunction, type Result } from '../../component/index.ts';
import type { Guest } from '../guest.ts';
import { PollableSource } from '../io/streams.ts';

export type IpAddressFamily = 'ipv4' | 'ipv6';

export type ErrorCode =
  | 'unknown'
  | 'access-denied'
  | 'not-supported'
  | 'invalid-argument'
  | 'out-of-memory'
  | 'timeout'
  | 'concurrency-conflict'
  | 'not-in-progress'
  | 'would-block'
  | 'invalid-state'
  | 'new-socket-limit'
  | 'address-not-bindable'
  | 'address-in-use'
  | 'remote-unreachable'
  | 'connection-refused'
  | 'connection-reset'
  | 'connection-aborted'
  | 'datagram-too-large'
  | 'name-unresolvable'
  | 'temporary-resolver-failure'
  | 'permanent-resolver-failure';

/** The resource that stands for the right to use the network at all. */
export class Network {
  readonly name = 'the network';
}

type OptionValue = boolean | number | bigint;

/** Initial values by option, as a new socket of Linux has them. */
export type OptionTable = Readonly<Record<string, OptionValue>>;

export abstract class Socket extends PollableSource implements Disposable {
  readonly family: IpAddressFamily;
  readonly #options = new Map<string, OptionValue>();

  constructor(family: IpAddressFamily) {
    super();
    this.family = family;
  }

  get(option: string): OptionValue | undefined {
    return this.#options.get(option);
  }

  set(option: string, value: OptionValue): void {
    this.#options.set(option, value);
  }

  /** Nothing is ever in progress. */
  override ready(): boolean {
    return true;
  }

  override wait(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.dispose](): void {
    this.trapOnLivePollables();
  }
}

/** Answers every call with one error. */
export const refuse = (code: ErrorCode): HostFunction<Guest> => plain((): Result<never, ErrorCode> => err(code));

/** Getters and setters of the options, and what every socket has besides. `resource` is the WIT name. */
export function socketFunctions(resource: string, options: OptionTable): Record<string, HostFunction<Guest>> {
  const functions: Record<string, HostFunction<Guest>> = {
    [`[method]${resource}.address-family`]: plain((_guest, self: Socket) => self.family),
    [`[method]${resource}.local-address`]: refuse('invalid-state'),
    [`[method]${resource}.remote-address`]: refuse('invalid-state'),
    [`[method]${resource}.subscribe`]: plain((_guest, self: Socket) => self.subscribe()),
    [`[method]${resource}.start-bind`]: refuse('access-denied'),
    [`[method]${resource}.finish-bind`]: refuse('not-in-progress'),
  };
  for (const [option, initial] of Object.entries(options)) {
    functions[`[method]${resource}.${option}`] = plain((_guest, self: Socket) => ok(self.get(option) ?? initial));
    functions[`[method]${resource}.set-${option}`] = plain((_guest, self: Socket, value: OptionValue) => {
      // WIT: for each of the numbers, 0 is an invalid argument, and any other value may be kept or clamped.
      if (value === 0 || value === 0n) {
        return err('invalid-argument');
      }
      self.set(option, value);
      return ok(undefined);
    });
  }
  return functions;
}
