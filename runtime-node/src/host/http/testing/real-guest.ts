// A real component for tests, linked to every host capability, called as the HTTP trigger would call it.
import { linkComponent, prepareComponent, type LinkedComponent } from '../../../component/index.ts';
import type { AppContext } from '../../capability.ts';
import { Guest, type ComponentContext } from '../../guest.ts';
import { capabilities } from '../../index.ts';
import { BytesInputStream } from '../../io/ready-made.ts';
import { fakeComponent } from '../../testing/fake-guest.ts';
import type { HeaderList, IncomingRequest } from '../exchange.ts';
import { httpCapability, newIncomingRequest, newResponseOutparam, type HttpOptions, type HttpState } from '../index.ts';
import { RecordingResponse } from './recording-response.ts';

export interface Called {
  readonly response: RecordingResponse;
  /** What the guest's function threw, if it did. */
  readonly failure: unknown;
  /** What it wrote to stderr. */
  readonly errorOutput: string;
}

export interface CallOptions {
  readonly method?: string;
  readonly headers?: HeaderList;
  readonly body?: string;
  readonly trailers?: HeaderList;
  readonly response?: RecordingResponse;
}

export class RealGuest {
  readonly http: HttpState;
  readonly #linked: LinkedComponent<Guest>;
  readonly #component: ComponentContext;
  readonly #close: () => Promise<void>;
  #errorOutput = '';

  private constructor(
    http: HttpState,
    link: (component: ComponentContext) => LinkedComponent<Guest>,
    close: () => Promise<void>,
    allowed: readonly string[],
  ) {
    this.http = http;
    this.#component = fakeComponent(componentWith(allowed), (stream, bytes) => {
      if (stream === 'stderr') {
        this.#errorOutput += Buffer.from(bytes).toString();
      }
    });
    this.#linked = link(this.#component);
    this.#close = close;
  }

  /** `bytes`: the component. */
  static async open(
    bytes: Uint8Array,
    allowed: readonly string[] = ['*://*:*'],
    options?: HttpOptions,
  ): Promise<RealGuest> {
    const prepared = await prepareComponent(bytes, { name: 'guest' });
    const app: AppContext = {
      name: 'app',
      components: [fakeComponent(componentWith(allowed))],
      stateDir: undefined,
      configDir: '/',
      variables: { get: () => '', getAll: async () => new Map(), resolveTemplate: (template) => template },
      signal: new AbortController().signal,
    };
    const others: { capability: (typeof capabilities)[number]; state: object }[] = [];
    for (const capability of capabilities) {
      others.push({ capability, state: await capability.open(capability.parse({}), app) });
    }
    const http = httpCapability(options);
    const state = await http.open(http.parse({}), app);
    return new RealGuest(
      state,
      (component) => {
        const bound = others.flatMap((other) => [...other.capability.bind(other.state, component)]);
        return linkComponent(prepared, new Map([...bound, ...http.bind(state, component)]), { name: 'guest' });
      },
      async () => {
        await http.close?.(state);
        await Promise.all(others.map(async (other) => other.capability.close?.(other.state)));
      },
      allowed,
    );
  }

  /** One request through one fresh instance. */
  async call(pathWithQuery: string, options: CallOptions = {}): Promise<Called> {
    const { response = new RecordingResponse() } = options;
    this.#errorOutput = '';
    const signal = new AbortController().signal;
    const instance = this.#linked.instantiate(new Guest(this.#component, { signal }), 'suspending');
    const handler = [...this.#linked.exports.keys()].find((each) => each.startsWith('wasi:http/incoming-handler@'));
    const outparam = newResponseOutparam(response);
    const request = newIncomingRequest(received(pathWithQuery, options));
    let failure: unknown;
    try {
      await instance.call(handler ?? '', 'handle', [request, outparam]);
      outparam.returned();
    } catch (error) {
      // expected: a trap is an outcome that a test may want
      failure = error;
    }
    instance.dispose();
    return { response, failure, errorOutput: this.#errorOutput };
  }

  /** The body of a 200. */
  async text(pathWithQuery: string, options: CallOptions = {}): Promise<string> {
    const { response, failure } = await this.call(pathWithQuery, options);
    if (failure !== undefined || response.head?.status !== 200) {
      throw new Error(`${pathWithQuery} was answered with ${response.head?.status ?? 'nothing'}`, { cause: failure });
    }
    return response.sink.text;
  }

  close(): Promise<void> {
    return this.#close();
  }
}

const componentWith = (allowed: readonly string[]): { id: string; metadata: { allowed_outbound_hosts: string[] } } => ({
  id: 'c',
  metadata: { allowed_outbound_hosts: [...allowed] },
});

function received(
  pathWithQuery: string,
  { method = 'GET', headers = [], body, trailers }: CallOptions,
): IncomingRequest {
  return {
    method,
    pathWithQuery,
    scheme: 'http',
    authority: 'example.com',
    headers,
    body: {
      stream: new BytesInputStream(Buffer.from(body ?? '')),
      trailers: { ready: () => true, wait: async () => {}, value: () => ({ tag: 'ok', val: trailers ?? null }) },
    },
  };
}
