// Opens an application: opens the host's capabilities and links the prepared components to them.
import { dirname } from 'node:path';
import { checkRequiredVariables, createVariableResolver } from '@spindle/api';
import type { LockedApp, LockedComponent, VariablesProvider } from '@spindle/api';
import { linkComponent, type EngineOptions, type HostInterface, type PreparedComponent } from '../component/index.ts';
import type { AppContext, HostCapability } from '../host/capability.ts';
import type { ComponentContext, Guest, Stdio } from '../host/guest.ts';
import { NETWORK_CONFIG_KEY, openNetwork, parseNetworkConfig, type NetworkOptions } from '../host/network/index.ts';
import { releaseCandidates } from '../host/release-candidates/index.ts';
import type { App, AppComponent } from './app.ts';
import { localPath } from './local-path.ts';
import { observedInterface } from './observed-calls.ts';
import { triggeredComponents } from './prepare-app.ts';
import { sectionsOf, type RuntimeConfig } from './runtime-config.ts';

export interface OpenAppOptions {
  readonly locked: LockedApp;
  readonly capabilities: readonly HostCapability<unknown, object>[];
  readonly runtimeConfig?: RuntimeConfig;
  readonly network?: NetworkOptions;
  readonly stateDir?: string;
  /** As AppContext has it. */
  readonly memoryName?: string;
  /** By component id, as `prepareApp` gives it. */
  readonly prepared: ReadonlyMap<string, PreparedComponent>;
  /** How the instances of the components are put back, and what they may use. */
  readonly engine?: EngineOptions;
  /** Asked in order for each application variable. */
  readonly variablesProviders: readonly VariablesProvider[];
  /** Merged over the environment of every component. */
  readonly env: Readonly<Record<string, string>>;
  /** Guests may write to their mounts. */
  readonly writableMounts: boolean;
  /** Takes what a component writes to its stdout and stderr. */
  readonly log: (componentId: string, stream: Stdio, bytes: Uint8Array) => void;
  /** Whether calls that reach out are recorded, and who counts them. */
  readonly observed?: {
    readonly counted?: (componentId: string, call: string, succeeded: boolean, model?: string) => void;
  };
}

interface OpenCapability {
  readonly capability: HostCapability<unknown, object>;
  readonly state: object;
}

export async function openApp(options: OpenAppOptions): Promise<App> {
  const { locked } = options;
  const contexts = triggeredComponents(locked).map((component) => contextOf(component, options));
  const closing = new AbortController();
  const providers = { locked, providers: options.variablesProviders };
  checkRequiredVariables(providers);
  const variables = createVariableResolver(providers);
  const networkConfig = parseNetworkConfig(options.runtimeConfig?.sections[NETWORK_CONFIG_KEY]);
  const app: AppContext = {
    name: locked.metadata?.name ?? 'app',
    components: contexts,
    stateDir: options.stateDir,
    ...(options.memoryName === undefined ? {} : { memoryName: options.memoryName }),
    configDir: options.runtimeConfig === undefined ? process.cwd() : dirname(options.runtimeConfig.file),
    variables,
    network: await openNetwork(networkConfig, { components: contexts, variables }, options.network),
    signal: closing.signal,
  };
  const opened: OpenCapability[] = [];
  // Closes in reverse, each even if another fails to.
  const resources = new AsyncDisposableStack();
  const close = async (): Promise<void> => {
    closing.abort();
    await resources.disposeAsync();
  };
  try {
    for (const capability of options.capabilities) {
      const config = capability.parse(sectionsOf(options.runtimeConfig, capability));
      const state = await capability.open(config, app);
      resources.defer(() => capability.close?.(state));
      opened.push({ capability, state });
    }
    const linked = new Map<string, AppComponent>();
    for (const context of contexts) {
      const prepared = options.prepared.get(context.id);
      if (prepared === undefined) {
        throw new Error(`component ${context.id} was not prepared`);
      }
      const component = openComponent(context, prepared, opened, options);
      resources.defer(() => component.linked.close());
      linked.set(context.id, component);
    }
    const states = new Map(opened.map(({ capability, state }) => [capability.id, state]));
    return { locked, components: linked, variables, capabilityState: (id) => states.get(id), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function contextOf(component: LockedComponent, options: OpenAppOptions): ComponentContext {
  const { id, env = {}, files = [], metadata = {}, config = {} } = component;
  const counted = options.observed?.counted;
  return {
    id,
    env: { ...env, ...options.env },
    mounts: files.map(({ source, path }) => ({
      guestPath: path,
      hostPath: localPath(source, `component.${id}.files`),
      writable: options.writableMounts,
    })),
    metadata,
    config,
    log: (stream, bytes) => options.log(id, stream, bytes),
    ...(counted === undefined
      ? {}
      : { counted: (call: string, succeeded: boolean, model?: string) => counted(id, call, succeeded, model) }),
  };
}

function openComponent(
  context: ComponentContext,
  prepared: PreparedComponent,
  opened: readonly OpenCapability[],
  { engine, observed }: Pick<OpenAppOptions, 'engine' | 'observed'>,
): AppComponent {
  const interfaces = new Map<string, HostInterface<Guest>>();
  for (const { capability, state } of opened) {
    for (const [name, hostInterface] of capability.bind(state, context)) {
      interfaces.set(name, observed === undefined ? hostInterface : observedInterface(name, hostInterface));
    }
  }
  for (const [name, candidate] of releaseCandidates(interfaces, prepared.plan.importedInterfaces)) {
    interfaces.set(name, candidate);
  }
  const linked = linkComponent(prepared, interfaces, {
    name: context.id,
    field: `component.${context.id}.source`,
    ...(engine === undefined ? {} : { engine }),
  });
  linked.warm();
  return { context, linked };
}
