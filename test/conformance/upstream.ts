// Servers on loopback that guests send requests to.
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Upstream {
  readonly url: string;
  close(): Promise<void>;
}

export async function upstream(listener: RequestListener): Promise<Upstream> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** A request that waits for the test to answer it. */
export interface HeldRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export interface HoldingUpstream extends Upstream {
  /** What has arrived, in order of arrival. */
  readonly held: readonly HeldRequest[];
}

/** An upstream that answers nothing by itself. */
export async function holdingUpstream(): Promise<HoldingUpstream> {
  const held: HeldRequest[] = [];
  const server = await upstream((request, response) => {
    held.push({ request, response });
  });
  return { ...server, held };
}
