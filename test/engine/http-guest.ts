// A guest of test/guests on the runtime's own host, one linked component for many requests.
import { prepareComponent, type PreparedComponent } from '../../runtime-node/src/component/index.ts';
import type { ResetMode } from '../../runtime-node/src/component/reset/index.ts';
import { Guest } from '../../runtime-node/src/host/guest.ts';
import type { HeaderList } from '../../runtime-node/src/host/http/exchange.ts';
import { newIncomingRequest, newResponseOutparam } from '../../runtime-node/src/host/http/index.ts';
import { RecordingResponse } from '../../runtime-node/src/host/http/testing/recording-response.ts';
import { BytesInputStream } from '../../runtime-node/src/host/io/ready-made.ts';
import { openWasiHost } from '../differential/wasi-host.ts';
import { fixture } from '../guests/fixtures.ts';
import { engineOf, type Engine } from './engines.ts';
import { outcomeOf } from './outcome.ts';

export interface Answer {
  readonly status: number | undefined;
  readonly headers: HeaderList | undefined;
  readonly body: string;
  /** How the call ended, when it failed. */
  readonly trap: string | undefined;
}

export interface HttpGuest extends AsyncDisposable {
  readonly engine: Engine<Guest>;
  /** On the caller's stack: for guests that need not wait. */
  ask(path: string): Answer;
  /** On a stack of its own. */
  askSuspending(path: string): Promise<Answer>;
}

const prepared = new Map<string, Promise<PreparedComponent>>();

/** Prepared once for all modes, as a process would. */
function prepare(name: string): Promise<PreparedComponent> {
  const found = prepared.get(name) ?? fixture(name).then((bytes) => prepareComponent(bytes, { name }));
  prepared.set(name, found);
  return found;
}

export async function openHttpGuest(name: string, mode: ResetMode): Promise<HttpGuest> {
  const host = await openWasiHost();
  const component = await prepare(name);
  const engine = engineOf(component, { mode, interfaces: host.interfaces });
  const handler = [...engine.linked.exports.keys()].find((found) => found.startsWith('wasi:http/incoming-handler@'));
  const begin = (path: string, callMode: 'plain' | 'suspending') => {
    const response = new RecordingResponse();
    const guest = new Guest(host.guest.component, { signal: new AbortController().signal });
    const instance = engine.linked.instantiate(guest, callMode);
    const call = (): unknown =>
      instance.call(handler ?? '', 'handle', [requestFor(path), newResponseOutparam(response)]);
    const end = (trap: string | undefined): Answer => {
      instance.release();
      const { head, sink } = response;
      return { status: head?.status, headers: head?.headers, body: sink.text, trap };
    };
    return { call, end };
  };
  return {
    engine,
    ask: (path) => {
      const { call, end } = begin(path, 'plain');
      const outcome = outcomeOf(call);
      return end('trap' in outcome ? outcome.trap : undefined);
    },
    askSuspending: async (path) => {
      const { call, end } = begin(path, 'suspending');
      try {
        await call();
        return end(undefined);
      } catch (error) {
        // expected: how a call fails is part of its answer.
        return end(String(error));
      }
    },
    [Symbol.asyncDispose]: async () => {
      engine[Symbol.dispose]();
      await host.close();
    },
  };
}

const requestFor = (path: string): object =>
  newIncomingRequest({
    method: 'GET',
    pathWithQuery: path,
    scheme: 'http',
    authority: 'localhost:3000',
    headers: [['host', 'localhost:3000']],
    body: {
      stream: new BytesInputStream(Buffer.alloc(0)),
      trailers: { ready: () => true, wait: async () => undefined, value: () => ({ tag: 'ok', val: null }) },
    },
  });
