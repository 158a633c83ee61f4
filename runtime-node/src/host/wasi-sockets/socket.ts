// What TCP and UDP sockets share: a family, a place among the sockets, options, and streams that may not outlive them.
import { Trap } from '../../component/index.ts';
import { PollableSource } from '../io/streams.ts';
import type { IpAddressFamily } from './address.ts';
import type { ErrorCode } from './error-code.ts';
import type { SocketRights } from './rights.ts';

/** The resource that stands for the right to use the network at all; each address is asked for besides. */
export class Network {
  readonly name = 'the network';
}

export abstract class Socket extends PollableSource implements Disposable {
  readonly family: IpAddressFamily;
  protected readonly rights: SocketRights;
  #streams = 0;

  constructor(family: IpAddressFamily, rights: SocketRights) {
    super();
    this.family = family;
    this.rights = rights;
  }

  /** Why options can be neither read nor set now. */
  abstract optionProblem(): ErrorCode | undefined;

  /** Closes what is open, at once. */
  protected abstract close(): void;

  protected get hasStreams(): boolean {
    return this.#streams > 0;
  }

  /** The guest has got a pair of streams; `dropStream` is called for each that it drops. */
  protected addStreams(): void {
    this.#streams += 2;
  }

  protected readonly dropStream = (): void => {
    this.#streams -= 1;
  };

  [Symbol.dispose](): void {
    this.close();
    this.trapOnLivePollables();
    if (this.hasStreams) {
      throw new Trap('a socket was dropped while a stream of it was alive');
    }
  }
}
