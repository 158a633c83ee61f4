// As much of a kubelet as logs and port forwarding need, behind a real API server: pods are objects of the test, and what they say
// and serve is given here.
import { once } from 'node:events';
import { createServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { resource, type KubeClient, type KubeObject } from '@spindle/kube';
import { selfSigned } from '../../../certificates/self-signed.ts';

const NODES = resource<KubeObject>({ group: '', version: 'v1', plural: 'nodes', kind: 'Node', namespaced: false });

export const NODE = 'fake-node';

export interface FakeKubelet {
  /** Lines of a pod's log; a following reader gets those that come. */
  say(pod: string, ...lines: readonly string[]): void;
  /** Ends the log of a pod, as its end does. */
  end(pod: string): void;
  /** Port of this machine that a pod's port 80 is. */
  serve(pod: string, port: number): void;
  stop(): Promise<void>;
}

interface Log {
  readonly lines: string[];
  isOver: boolean;
  readonly readers: Set<(line: string | undefined) => void>;
}

export async function startFakeKubelet(client: KubeClient): Promise<FakeKubelet> {
  const logs = new Map<string, Log>();
  const ports = new Map<string, number>();
  const logOf = (pod: string): Log => {
    const log = logs.get(pod) ?? { lines: [], isOver: false, readers: new Set() };
    logs.set(pod, log);
    return log;
  };
  const server = createServer(selfSigned({ name: NODE }), (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://kubelet');
    const [, kind, , pod = ''] = pathname.split('/');
    if (kind !== 'containerLogs') {
      response.writeHead(404).end();
      return;
    }
    const log = logOf(pod);
    const tail = searchParams.get('tailLines');
    const lines = tail === null ? log.lines : log.lines.slice(-Number(tail) || log.lines.length);
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.flushHeaders();
    lines.forEach((line) => response.write(`${line}\n`));
    if (searchParams.get('follow') !== 'true' || log.isOver) {
      response.end();
      return;
    }
    const reader = (line: string | undefined): void =>
      void (line === undefined ? response.end() : response.write(`${line}\n`));
    log.readers.add(reader);
    response.once('close', () => log.readers.delete(reader));
  });
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'v4.channel.k8s.io' });
  server.on('upgrade', (request, socket, head) => {
    const [, , , pod = ''] = new URL(request.url ?? '/', 'https://kubelet').pathname.split('/');
    sockets.handleUpgrade(request, socket, head, (opened) => forward(opened, ports.get(pod)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await client.create(NODES, { metadata: { name: NODE } });
  await client.patchStatus(
    NODES,
    { name: NODE },
    {
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: port } },
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  );
  return {
    say(pod, ...lines) {
      const log = logOf(pod);
      log.lines.push(...lines);
      log.readers.forEach((reader) => lines.forEach(reader));
    },
    end(pod) {
      const log = logOf(pod);
      log.isOver = true;
      log.readers.forEach((reader) => reader(undefined));
    },
    serve: (pod, at) => void ports.set(pod, at),
    async stop() {
      sockets.clients.forEach((opened) => opened.terminate());
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Channel 0 is data, 1 errors; each begins with the port. */
function forward(socket: WebSocket, port: number | undefined): void {
  for (const channel of [0, 1]) {
    socket.send(Buffer.of(channel, 80, 0));
  }
  if (port === undefined) {
    socket.send(Buffer.concat([Buffer.of(1), Buffer.from('an error occurred forwarding: connection refused')]));
    socket.close();
    return;
  }
  const target = connect(port, '127.0.0.1');
  target.on('data', (chunk: Buffer) => socket.send(Buffer.concat([Buffer.of(0), chunk])));
  target.once('close', () => socket.close());
  target.on('error', () => socket.close());
  socket.on('message', (message: Buffer) => target.write(message.subarray(1)));
  socket.once('close', () => target.destroy());
}
