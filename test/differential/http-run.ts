// One HTTP request through a fresh instance of a guest, by jco's output or by our linker, and all that came of it.
import { linkComponent, type HostInterfaces, type PreparedComponent } from '../../runtime-node/src/component/index.ts';
import type { Guest } from '../../runtime-node/src/host/guest.ts';
import type { HeaderList } from '../../runtime-node/src/host/http/exchange.ts';
import { newIncomingRequest, newResponseOutparam } from '../../runtime-node/src/host/http/index.ts';
import { RecordingResponse } from '../../runtime-node/src/host/http/testing/recording-response.ts';
import { BytesInputStream } from '../../runtime-node/src/host/io/ready-made.ts';
import type { FakeGuestOptions } from '../../runtime-node/src/host/testing/fake-guest.ts';
import { JcoHost } from './jco-host.ts';
import { transpileGuest, type JcoGuest } from './jco-oracle.ts';
import { Recording, type RecordedCall } from './recording.ts';
import { openWasiHost, type WasiHost } from './wasi-host.ts';

export interface Request {
  readonly path: string;
  readonly method?: string;
  readonly headers?: HeaderList;
  readonly body?: string;
  readonly component?: FakeGuestOptions;
  readonly variables?: Readonly<Record<string, string>>;
}

export interface Outcome {
  readonly status: number | undefined;
  readonly headers: HeaderList | undefined;
  readonly body: string;
  readonly finished: boolean;
  readonly trailers: HeaderList | null;
  readonly failure: unknown;
  readonly output: { readonly stdout: string; readonly stderr: string };
  /** What the call threw. */
  readonly error: string | undefined;
}

export interface RecordedOutcome {
  readonly outcome: Outcome;
  readonly calls: readonly RecordedCall[];
}

type Handle = (interfaces: HostInterfaces<Guest>, host: WasiHost, args: readonly unknown[]) => unknown;

async function run(request: Request, around: Recording | undefined, handle: Handle): Promise<Outcome> {
  const host = await openWasiHost(request.component, request.variables);
  const response = new RecordingResponse();
  const received = newIncomingRequest({
    method: request.method ?? 'GET',
    pathWithQuery: request.path,
    scheme: 'http',
    authority: 'localhost:3000',
    headers: request.headers ?? [['host', 'localhost:3000']],
    body: {
      stream: new BytesInputStream(Buffer.from(request.body ?? '')),
      trailers: { ready: () => true, wait: async () => undefined, value: () => ({ tag: 'ok', val: null }) },
    },
  });
  let error: string | undefined;
  try {
    const interfaces = around === undefined ? host.interfaces : around.around(host.interfaces);
    await handle(interfaces, host, [received, newResponseOutparam(response)]);
  } catch (thrown) {
    // expected: how a call fails is part of its outcome.
    error = describe(thrown);
  } finally {
    await host.close();
  }
  const { head, sink, failure } = response;
  return {
    status: head?.status,
    headers: head?.headers,
    body: sink.text,
    finished: sink.finished,
    trailers: sink.trailers,
    failure,
    output: host.output,
    error,
  };
}

/** jco words the engine's traps as wasmtime does. */
const describe = (error: unknown): string =>
  error instanceof WebAssembly.RuntimeError ? 'WebAssembly.RuntimeError' : String(error);

const handlerOf = ({ plan }: PreparedComponent): { readonly name: string; readonly type: number } => {
  for (const [name, exported] of Object.entries(plan.exports)) {
    const handle = exported.kind === 'instance' ? exported.exports['handle'] : undefined;
    if (name.startsWith('wasi:http/incoming-handler@') && handle?.kind === 'func') {
      return { name, type: handle.type };
    }
  }
  throw new Error('the guest exports no incoming-handler');
};

/** jco's output for a guest whose imports may wait as the host says. */
export async function transpileHandler(component: Uint8Array, prepared: PreparedComponent): Promise<JcoGuest> {
  const host = await openWasiHost();
  const { plan } = prepared;
  // The host has one version of each interface; what waits in it waits in every version.
  const waiting = new Set(
    [...host.interfaces].flatMap(([name, { functions }]) =>
      Object.entries(functions).flatMap(([key, { waits }]) => (waits ? [`${withoutVersion(name)}#${key}`] : [])),
    ),
  );
  await host.close();
  const imports = plan.imports
    .filter((imported) => waiting.has(`${withoutVersion(imported.interface)}#${imported.name}`))
    .map((imported) => `${imported.interface}#${imported.name}`);
  return transpileGuest(component, { imports, exports: [`${handlerOf(prepared).name}#handle`] });
}

const withoutVersion = (name: string): string => name.replace(/@.*/, '');

export async function runByJco(prepared: PreparedComponent, jco: JcoGuest, request: Request): Promise<RecordedOutcome> {
  const recording = new Recording();
  const { name, type } = handlerOf(prepared);
  const outcome = await run(request, recording, (interfaces, { guest }, args) => {
    const host = new JcoHost(prepared.plan, interfaces as HostInterfaces<never>, guest);
    return host.call(jco.instantiate(host.imports), name, 'handle', type, args);
  });
  return { outcome, calls: recording.calls };
}

const callLinked =
  (prepared: PreparedComponent): Handle =>
  async (interfaces, { guest }, args) => {
    const instance = linkComponent(prepared, interfaces).instantiate(guest, 'suspending');
    try {
      await instance.call(handlerOf(prepared).name, 'handle', args);
    } finally {
      instance.dispose();
    }
  };

/** With the typed host functions only, each call written down. */
export async function runByLinker(prepared: PreparedComponent, request: Request): Promise<RecordedOutcome> {
  const recording = new Recording();
  const outcome = await run(request, recording, callLinked(prepared));
  return { outcome, calls: recording.calls };
}

/** As the runtime does it: host functions at the core ABI where there are some. */
export const runAsServed = (prepared: PreparedComponent, request: Request): Promise<Outcome> =>
  run(request, undefined, callLinked(prepared));
