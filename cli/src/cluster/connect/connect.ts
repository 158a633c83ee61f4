// `connect`: the app on a port of this machine. Each connection goes to a pod that is ready at that moment.
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { APP_NAME_LABEL } from '@spindle/api';
import { openPortForward } from '@spindle/kube';
import type { Console } from '../../console.ts';
import { getApp } from '../app/find.ts';
import { appName } from '../app/name.ts';
import { cannotStream, portTaken } from '../errors.ts';
import type { ClusterFlags } from '../options.ts';
import { PODS, type Pod } from '../resources.ts';
import { call, inCluster, type Session } from '../session.ts';
import { podState } from '../status/pod-state.ts';

/** Of all apps (control-plane contract §2.3). */
const APP_PORT = 80;

export interface ConnectFlags extends ClusterFlags {
  readonly localPort?: number;
  readonly pod?: string;
  readonly selector?: string;
}

export async function connect(name: string | undefined, flags: ConnectFlags, console: Console): Promise<void> {
  const known =
    flags.selector === undefined && flags.pod === undefined ? await appName(name, 'connect to', console) : undefined;
  await inCluster(flags, console, async (session) => {
    if (known !== undefined) {
      await getApp(session, known);
    }
    const choose = chooser(session, known, flags);
    const first = await choose();
    const server = createServer({ allowHalfOpen: true }, (socket) => void forward(socket, session, choose));
    const port = await listen(server, flags.localPort ?? 0);
    if (flags.output === 'json') {
      console.out(JSON.stringify({ kind: 'Forwarding', version: 1, url: `http://127.0.0.1:${port}`, pod: first }));
    } else {
      console.out(
        flags.quiet === true
          ? `http://127.0.0.1:${port}`
          : `Forwarding http://127.0.0.1:${port} to port ${APP_PORT} of ${first}. Ctrl-C ends it.`,
      );
    }
    await (session.signal.aborted ? undefined : once(session.signal, 'abort'));
    server.close();
  });
}

/** The name of a pod that takes requests now. */
function chooser(session: Session, app: string | undefined, { pod, selector }: ConnectFlags): () => Promise<string> {
  let turn = 0;
  return async () => {
    if (pod !== undefined) {
      return (
        (await session.client.get(PODS, { namespace: session.namespace, name: pod }, call(session))).metadata.name ??
        pod
      );
    }
    const labelSelector = selector ?? `${APP_NAME_LABEL}=${app}`;
    const { items } = await session.client.list(PODS, {
      namespace: session.namespace,
      labelSelector,
      ...call(session),
    });
    const ready = items.filter(isServing);
    turn += 1;
    const chosen = ready[turn % Math.max(1, ready.length)]?.metadata.name;
    if (chosen === undefined) {
      throw cannotStream(
        `cannot connect to ${app ?? labelSelector}`,
        items.length === 0 ? 'it has no pods' : 'none of its pods is ready',
      );
    }
    return chosen;
  };
}

const isServing = (pod: Pod): boolean => pod.metadata.deletionTimestamp === undefined && podState(pod).ready;

async function listen(server: Server, port: number): Promise<number> {
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    throw portTaken(port, error);
  }
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** One that fails is cut, and said: the others go on. */
async function forward(socket: Socket, session: Session, choose: () => Promise<string>): Promise<void> {
  const cut = (): void => void socket.destroy();
  session.signal.addEventListener('abort', cut, { once: true });
  try {
    const connection = await openPortForward(session.access, {
      namespace: session.namespace,
      pod: await choose(),
      port: APP_PORT,
    });
    await Promise.all([pipeline(socket, connection, { end: false }), pipeline(connection, socket)]);
  } catch (error) {
    if (!session.signal.aborted && !isHangUp(error)) {
      session.console.err(`connection: ${error instanceof Error ? error.message : String(error)}`);
    }
  } finally {
    session.signal.removeEventListener('abort', cut);
    socket.destroy();
  }
}

/** The client has gone before its answer was whole: its own affair. */
const isHangUp = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes(String(error.code));
