// A listener of its own on a free port, for tests of what clients do to it.
import { DEFAULT_MAX_HEADER_BYTES, type ListenerOptions } from '../address.ts';
import { Listener, type ListenerEvents } from '../listener/listener.ts';
import { respondFixed } from '../reply.ts';

export interface ServedListener extends AsyncDisposable {
  readonly listener: Listener;
  readonly port: number;
  /** Targets of the requests that were received. */
  readonly received: string[];
  /** How many connections were turned away. */
  readonly refused: () => number;
}

/** Answers each request with `OK`, unless told otherwise. */
export async function serveListener(
  options: Partial<ListenerOptions> = {},
  receive: ListenerEvents['receive'] = (_request, reply) =>
    respondFixed(reply, { status: 200, headers: [], body: Buffer.from('OK') }),
): Promise<ServedListener> {
  const received: string[] = [];
  let refused = 0;
  const listener = new Listener(
    {
      address: { host: '127.0.0.1', port: 0 },
      findFreePort: false,
      maxHeaderBytes: DEFAULT_MAX_HEADER_BYTES,
      ...options,
    },
    {
      receive: (request, reply) => {
        received.push(request.target);
        receive(request, reply);
      },
      refused: () => {
        refused += 1;
      },
    },
  );
  const { port } = await listener.listen();
  return {
    listener,
    port,
    received,
    refused: () => refused,
    [Symbol.asyncDispose]: async () => {
      const closed = listener.stopListening();
      listener.destroy();
      await closed;
    },
  };
}
