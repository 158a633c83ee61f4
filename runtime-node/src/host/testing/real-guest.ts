// A component on all capabilities, called without an HTTP listener: request in, response out.
import { linkComponent, prepareComponent, type HostInterface, type LinkedComponent } from '../../component/index.ts';
import { Guest, type ComponentContext } from '../guest.ts';
import type { AppContext, HostCapability } from '../capability.ts';
import type { HeaderList, IncomingRequest } from '../http/exchange.ts';
import { httpCapability, newIncomingRequest, newResponseOutparam, type HttpOptions } from '../http/index.ts';
import { RecordingResponse } from '../http/testing/recording-response.ts';
import { capabilities } from '../index.ts';
import { NETWORK_CONFIG_KEY, openNetwork, parseNetworkConfig } from '../network/index.ts';
import { BytesInputStream } from '../io/ready-made.ts';
import { releaseCandidates } from '../release-candidates/index.ts';
import { systemClock, type Clock } from '../wasi-clocks/clock.ts';
import { clocksOn } from '../wasi-clocks/index.ts';
import { fakeApp } from './fake-app.ts';
import { fakeGuest, type FakeGuest, type FakeGuestOptions } from './fake-guest.ts';

export interface RealGuestOptions extends FakeGuestOptions {
  /** What the app gives besides the component. */
  readonly app?: Partial<AppContext>;
  readonly runtimeConfig?: Readonly<Record<string, unknown>>;
  /** Instead of the system's. */
  readonly clock?: Clock;
  readonly http?: HttpOptions;
}

export interface CallOptions {
  readonly method?: string;
  readonly headers?: HeaderList;
  readonly body?: string;
  readonly trailers?: HeaderList;
  readonly response?: RecordingResponse;
}

export interface Called {
  readonly response: RecordingResponse;
  /** What the guest's function threw, if it did. */
  readonly failure: unknown;
}

/** The status and body of a response; 500 and null when the guest was ended before it answered. */
export interface Answer {
  readonly status: number;
  readonly body: string | null;
}

export class RealGuest implements AsyncDisposable {
  /** What all calls so far wrote. */
  readonly output: FakeGuest['output'];
  readonly linked: LinkedComponent<Guest>;
  readonly #component: ComponentContext;
  readonly #closers: readonly (() => Promise<void>)[];

  constructor(
    linked: LinkedComponent<Guest>,
    { component, output }: FakeGuest,
    closers: readonly (() => Promise<void>)[],
  ) {
    this.linked = linked;
    this.output = output;
    this.#component = component;
    this.#closers = closers;
  }

  /** One request through one fresh instance. */
  async call(pathWithQuery: string, options: CallOptions = {}): Promise<Called> {
    const { response = new RecordingResponse() } = options;
    const guest = new Guest(this.#component, { signal: new AbortController().signal });
    const instance = this.linked.instantiate(guest, this.linked.neverWaits ? 'plain' : 'suspending');
    const outparam = newResponseOutparam(response);
    const request = newIncomingRequest(received(pathWithQuery, options));
    let failure: unknown;
    try {
      await instance.call(handlerOf(this.linked), 'handle', [request, outparam]);
      outparam.returned();
    } catch (error) {
      // expected: a trap is an outcome that a test may want
      failure = error;
    } finally {
      instance.dispose();
    }
    return { response, failure };
  }

  async ask(pathWithQuery: string, options?: CallOptions): Promise<Answer> {
    const { response, failure } = await this.call(pathWithQuery, options);
    if (response.head === undefined) {
      return { status: 500, body: null };
    }
    if (failure !== undefined) {
      throw new Error(`${pathWithQuery} was answered and failed then`, { cause: failure });
    }
    return { status: response.head.status, body: response.sink.text };
  }

  /** The body of a 200. */
  async text(pathWithQuery: string, options?: CallOptions): Promise<string> {
    const { status, body } = await this.ask(pathWithQuery, options);
    if (status !== 200 || body === null) {
      throw new Error(`${pathWithQuery} was answered with ${status}`);
    }
    return body;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closers.toReversed()) {
      await close();
    }
  }
}

/** `bytes`: the component. */
export async function realGuest(bytes: Uint8Array, options: RealGuestOptions = {}): Promise<RealGuest> {
  const { app: appOptions, runtimeConfig = {}, clock = systemClock, http, ...component } = options;
  const fake = fakeGuest(component);
  const components = [fake.component];
  const closed = fakeApp({ components, ...appOptions });
  const networkConfig = parseNetworkConfig(runtimeConfig[NETWORK_CONFIG_KEY]);
  const app = { ...closed, network: await openNetwork(networkConfig, closed), ...appOptions };
  const closers: (() => Promise<void>)[] = [];
  const interfaces = new Map<string, HostInterface<Guest>>();
  const all: readonly HostCapability<unknown, object>[] = [...capabilities, clocksOn(clock), httpCapability(http)];
  for (const capability of all) {
    const own = Object.entries(runtimeConfig).filter(([key]) => capability.configKeys.includes(key));
    const state = await capability.open(capability.parse(Object.fromEntries(own)), app);
    closers.push(async () => capability.close?.(state));
    for (const [interfaceName, functions] of capability.bind(state, fake.component)) {
      interfaces.set(interfaceName, functions);
    }
  }
  const prepared = await prepareComponent(bytes);
  for (const [name, candidate] of releaseCandidates(interfaces, prepared.plan.importedInterfaces)) {
    interfaces.set(name, candidate);
  }
  return new RealGuest(linkComponent<Guest>(prepared, interfaces), fake, closers);
}

function received(
  pathWithQuery: string,
  { method = 'GET', headers = [], body = '', trailers }: CallOptions,
): IncomingRequest {
  return {
    method,
    pathWithQuery,
    scheme: 'http',
    authority: 'localhost',
    headers,
    body: {
      stream: new BytesInputStream(Buffer.from(body)),
      trailers: { ready: () => true, wait: async () => {}, value: () => ({ tag: 'ok', val: trailers ?? null }) },
    },
  };
}

function handlerOf(linked: LinkedComponent<Guest>): string {
  const name = [...linked.exports.keys()].find((exported) => exported.startsWith('wasi:http/incoming-handler@0.2'));
  if (name === undefined) {
    throw new Error('the guest has no incoming-handler');
  }
  return name;
}
