// One connection to an origin, whatever protocol it speaks, and one exchange on it.
import type { ReceivedResponse } from '../types/incoming-response.ts';
import type { WireRequest } from './request.ts';

export interface Connection {
  /** Whether one more exchange may begin now. */
  readonly available: boolean;
  /** Whether an exchange is going on. */
  readonly idle: boolean;
  /** Sends the head, then the body as the guest writes it. */
  begin(request: WireRequest): Upstream;
  /** Cuts what is going on. */
  destroy(): void;
}

export interface Upstream {
  /** The final response's head; rejects when there will be none. */
  readonly response: Promise<ReceivedResponse>;
  /** Ends the exchange wherever it stands. */
  cancel(): void;
}

/** What a connection tells its pool. */
export interface ConnectionEvents {
  /** It can take another exchange. */
  onAvailable(): void;
  onClose(): void;
}
