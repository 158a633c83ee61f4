// A request as it came over the wire, of HTTP/1.1 or HTTP/2: what the service has to know of it.
import type { HeaderList, IncomingBody } from '../../host/http/exchange.ts';

export interface WireRequest {
  readonly method: string;
  /** As received: origin form, absolute form or `*`. */
  readonly target: string;
  /** `:authority` of HTTP/2. */
  readonly authority: string | undefined;
  /** The Host field. */
  readonly host: string | undefined;
  /** Whether there are several. */
  readonly manyHosts: boolean;
  /** How many fields it has; pseudo fields do not count. */
  readonly fieldCount: number;
  /** The size of its head, where the protocol's parser does not keep to the limit by itself; else 0. */
  readonly headerBytes: number;
  /** `ip:port` of the peer. */
  readonly clientAddress: string;
  readonly hasBody: boolean;
  /** What Content-Length says; undefined without one. */
  readonly declaredLength: number | undefined;
  /** In order, duplicates kept; values are latin1. */
  fields(): HeaderList;
  /** Asked for once at most; whoever has it must read or dispose it. */
  body(limits: BodyLimits): IncomingBody;
}

/** What the body of a request may cost, and who hears when it costs more. */
export interface BodyLimits {
  /** Undefined: any number. */
  readonly bytes: number | undefined;
  onTooLarge(): void;
  /** Milliseconds for which the client may send nothing that somebody waits for. */
  readonly quietMs: number;
  /** Asked after that time: whether the client is to be given up, and then `onTooSlow` is next. */
  isStalled(): boolean;
  onTooSlow(): void;
}
