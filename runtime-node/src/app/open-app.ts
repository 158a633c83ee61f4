// Opens an application: prepares the components that triggers name, opens the host's capabilities, links the two.
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkRequiredVariables, createVariableResolver, UserError } from '@spindle/api';
import type { LockedApp, LockedComponent, VariablesProvider } from '@spindle/api';
import {
  linkComponent,
  prepareComponent,
  type EngineOptions,
  type HostInterface,
  type PreparedComponent,
} from '../component/index.ts';
import type { AppContext, HostCapability } from '../host/capability.ts';
import type { ComponentContext, Guest, Stdio } from '../host/guest.ts';
import type { App, AppComponent } from './app.ts';
import { sectionsOf, type RuntimeConfig } from './runtime-config.ts';

export interface OpenAppOptions {
  readonly locked: LockedApp;
  readonly capabilities: readonly HostCapability<unknown, object>[];
  readonly runtimeConfig?: RuntimeConfig;
  readonly stateDir?: string;
  /** Where prepared components are cached, shared by processes; nothing is cached without it. */
  readonly cacheDir?: string;
  /** By component id: what another thread has prepared. */
  readonly prepared?: ReadonlyMap<string, PreparedComponent>;
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
}

interface OpenCapability {
  readonly capability: HostCapability<unknown, object>;
  readonly state: object;
}

export async function openApp(options: OpenAppOptions): Promise<App> {
  const { locked } = options;
  const components = triggeredComponents(locked);
  const contexts = components.map((component) => contextOf(component, options));
  const closing = new AbortController();
  const variables = { locked, providers: options.variablesProviders };
  checkRequiredVariables(variables);
  const app: AppContext = {
    name: locked.metadata?.name ?? 'app',
    components: contexts,
    stateDir: options.stateDir,
    configDir: options.runtimeConfig === undefined ? process.cwd() : dirname(options.runtimeConfig.file),
    variables: createVariableResolver(variables),
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
    for (const [index, component] of components.entries()) {
      const opening = await openComponent(component, contexts[index] as ComponentContext, opened, options);
      resources.defer(() => opening.linked.close());
      linked.set(component.id, opening);
    }
    const states = new Map(opened.map(({ capability, state }) => [capability.id, state]));
    return { locked, components: linked, capabilityState: (id) => states.get(id), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The components that triggers name, each once, in the order of the locked app. */
function triggeredComponents(locked: LockedApp): LockedComponent[] {
  const wanted = new Set(
    locked.triggers.flatMap(({ trigger_config: { component } }) => (typeof component === 'string' ? [component] : [])),
  );
  for (const id of wanted) {
    if (!locked.components.some((component) => component.id === id)) {
      throw new UserError(`no such component "${id}"`, {
        code: 'SPK4020',
        field: 'trigger',
        remedy: `Name one of the app's components: ${locked.components.map((component) => component.id).join(', ') || 'there are none'}.`,
      });
    }
  }
  return locked.components.filter(({ id }) => wanted.has(id));
}

function contextOf(component: LockedComponent, options: OpenAppOptions): ComponentContext {
  const { id, env = {}, files = [], metadata = {}, config = {} } = component;
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
  };
}

async function openComponent(
  component: LockedComponent,
  context: ComponentContext,
  opened: readonly OpenCapability[],
  { cacheDir, prepared: elsewhere, engine }: OpenAppOptions,
): Promise<AppComponent> {
  const [dependency] = Object.keys(component.dependencies ?? {});
  if (dependency !== undefined) {
    throw new UserError(`component "${component.id}" depends on "${dependency}", and Spindle does not compose yet`, {
      code: 'SPK4014',
      field: `component.${component.id}.dependencies`,
      remedy: 'Compose the components beforehand (for example with "wac plug") and use the result as the source.',
    });
  }
  const prepared = elsewhere?.get(component.id) ?? (await prepareSource(component, cacheDir));
  const interfaces = new Map<string, HostInterface<Guest>>();
  for (const { capability, state } of opened) {
    for (const [name, hostInterface] of capability.bind(state, context)) {
      interfaces.set(name, hostInterface);
    }
  }
  const linked = linkComponent(prepared, interfaces, {
    name: component.id,
    ...(engine === undefined ? {} : { engine }),
  });
  linked.warm();
  return { context, linked };
}

async function prepareSource(component: LockedComponent, cacheDir: string | undefined): Promise<PreparedComponent> {
  const path = localPath(component.source.source, `component.${component.id}.source`);
  return prepareComponent(await readFile(path), {
    name: path,
    ...(cacheDir === undefined ? {} : { cacheDir }),
  });
}

/** The loader has put every content into a file. */
function localPath(source: string | undefined, field: string): string {
  if (source === undefined || !source.startsWith('file:')) {
    throw new UserError(`${field} is not on this machine`, {
      code: 'SPK4015',
      field,
      remedy: 'Load the app before opening it.',
    });
  }
  return fileURLToPath(source);
}
