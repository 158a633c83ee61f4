// A component on all capabilities, called without an HTTP listener: request in, response out.
import { linkComponent, prepareComponent, type HostInterface, type LinkedComponent } from '../../component/index.ts';
import { Guest, type ComponentContext } from '../guest.ts';
import type { AppContext, HostCapability } from '../capability.ts';
import type { HeaderList } from '../http/exchange.ts';
import { httpCapability, newIncomingRequest, newResponseOutparam } from '../http/index.ts';
import { RecordingResponse } from '../http/testing/recording-response.ts';
import { capabilities } from '../index.ts';
import { BytesInputStream } from '../io/ready-made.ts';
import { systemClock, type Clock } from '../wasi-clocks/clock.ts';
import { clocksOn } from '../wasi-clocks/index.ts';
import { fakeApp } from './fake-app.ts';
import { fakeGuest, type FakeGuestOptions } from './fake-guest.ts';

export interface RealGuest extends AsyncDisposable {
  /** What all calls so far wrote. */
  readonly output: { readonly stdout: string; readonly stderr: string };
  readonly linked: LinkedComponent<Guest>;
  /** The status and body; 500 and null when the guest was ended before it answered. */
  ask(target: string, request?: AskOptions): Promise<Answer>;
}

interface AskOptions {
  readonly method?: string;
  readonly headers?: HeaderList;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly body: string | null;
}

export interface RealGuestOptions extends FakeGuestOptions {
  /** What the app gives besides the component. */
  readonly app?: Partial<AppContext>;
  readonly runtimeConfig?: Readonly<Record<string, unknown>>;
  /** Instead of the system's. */
  readonly clock?: Clock;
}

export async function realGuest(bytes: Uint8Array, options: RealGuestOptions = {}): Promise<RealGuest> {
  const { app: appOptions, runtimeConfig = {}, clock = systemClock, ...component } = options;
  const { component: context, output } = fakeGuest(component);
  const app = fakeApp({ components: [context], ...appOptions });
  const opened: (() => Promise<void>)[] = [];
  const interfaces = new Map<string, HostInterface<Guest>>();
  const all: readonly HostCapability<unknown, object>[] = [...capabilities, clocksOn(clock), httpCapability()];
  for (const capability of all) {
    const own = Object.entries(runtimeConfig).filter(([key]) => capability.configKeys.includes(key));
    const state = await capability.open(capability.parse(Object.fromEntries(own)), app);
    opened.push(async () => capability.close?.(state));
    for (const [interfaceName, functions] of capability.bind(state, context)) {
      interfaces.set(interfaceName, functions);
    }
  }
  const linked = linkComponent<Guest>(await prepareComponent(bytes), interfaces);
  return {
    output,
    linked,
    ask: (target, request) => ask(linked, context, target, request),
    async [Symbol.asyncDispose]() {
      for (const close of opened.toReversed()) {
        await close();
      }
    },
  };
}

async function ask(
  linked: LinkedComponent<Guest>,
  component: ComponentContext,
  target: string,
  { method = 'GET', headers = [], body = '' }: AskOptions = {},
): Promise<Answer> {
  const out = new RecordingResponse();
  const guest = new Guest(component, { signal: new AbortController().signal });
  const instance = linked.instantiate(guest, linked.neverWaits ? 'plain' : 'suspending');
  const request = newIncomingRequest({
    method,
    pathWithQuery: target,
    scheme: 'http',
    authority: 'localhost',
    headers,
    body: {
      stream: new BytesInputStream(new TextEncoder().encode(body)),
      trailers: { ready: () => true, wait: async () => {}, value: () => ({ tag: 'ok', val: null }) },
    },
  });
  try {
    await instance.call(handlerOf(linked), 'handle', [request, newResponseOutparam(out)]);
  } catch (error) {
    if (out.head === undefined) {
      return { status: 500, body: null };
    }
    throw error;
  } finally {
    instance.dispose();
  }
  return { status: out.head?.status ?? 500, body: out.head === undefined ? null : out.sink.text };
}

function handlerOf(linked: LinkedComponent<Guest>): string {
  const name = [...linked.exports.keys()].find((exported) => exported.startsWith('wasi:http/incoming-handler@0.2'));
  if (name === undefined) {
    throw new Error('the guest has no incoming-handler');
  }
  return name;
}
