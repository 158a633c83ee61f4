// One line of JSON for each request that was answered, whoever answered it: for operators who ask for it. The query is left
// out, and so are all fields but one, for they may hold secrets.
import type { HeaderList, ResponseHead } from '../../host/http/exchange.ts';
import { readTraceContext } from '../../telemetry/trace-context.ts';
import type { Reply } from './reply.ts';
import type { WireRequest } from './wire-request.ts';

/** What log files of servers have for clients that left before there was an answer; it is never sent. */
const CLIENT_LEFT = 499;

/** A client may send any length. */
const MAX_TEXT = 1024;

/** A reply that is counted, and written down when it is over. */
export class LoggedReply implements Reply {
  readonly #reply: Reply;
  #component: string | undefined;
  #route: string | undefined;
  #bytes = 0;

  constructor(request: WireRequest, reply: Reply, write: (line: string) => void) {
    this.#reply = reply;
    const began = performance.now();
    const { method, target, clientAddress } = request;
    const fields = request.fields();
    const agent = fields.find(([name]) => name.toLowerCase() === 'user-agent')?.[1];
    const trace = readTraceContext(fields)?.traceId;
    reply.onClose(() => {
      const [path = ''] = target.split(/[?#]/, 1);
      write(
        JSON.stringify({
          time: new Date(performance.timeOrigin + began).toISOString(),
          client: clientAddress,
          method: short(method),
          path: short(path),
          status: reply.headSent ? reply.status : CLIENT_LEFT,
          bytes: this.#bytes,
          seconds: Math.round((performance.now() - began) * 1000) / 1e6,
          component: this.#component,
          route: this.#route,
          userAgent: agent === undefined ? undefined : short(agent),
          trace,
        }),
      );
    });
  }

  routed(component: string, route: string): void {
    this.#component = component;
    this.#route = route;
  }

  get status(): number {
    return this.#reply.status;
  }

  get headSent(): boolean {
    return this.#reply.headSent;
  }

  get over(): boolean {
    return this.#reply.over;
  }

  get whole(): boolean {
    return this.#reply.whole;
  }

  get full(): boolean {
    return this.#reply.full;
  }

  get taken(): number {
    return this.#reply.taken;
  }

  get greatestStatus(): number {
    return this.#reply.greatestStatus;
  }

  head(status: number, headers: HeaderList, length: number | undefined): void {
    this.#reply.head(status, headers, length);
  }

  flush(): void {
    this.#reply.flush();
  }

  write(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    this.#reply.write(chunk);
  }

  end(trailers?: HeaderList): void {
    this.#reply.end(trailers);
  }

  sendWhole(head: ResponseHead, chunks: readonly Uint8Array[], bytes: number): void {
    this.#bytes += bytes;
    this.#reply.sendWhole(head, chunks, bytes);
  }

  drained(): Promise<void> {
    return this.#reply.drained();
  }

  cut(): void {
    this.#reply.cut();
  }

  closeAfter(): void {
    this.#reply.closeAfter();
  }

  refuse(status: number): void {
    this.#reply.refuse(status);
  }

  release(): void {
    this.#reply.release();
  }

  onClose(listener: () => void): void {
    this.#reply.onClose(listener);
  }
}

const short = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);
