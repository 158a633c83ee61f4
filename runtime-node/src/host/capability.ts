// The one interface behind which each host capability lives, one folder each (after Spin's factors).
import type { HostInterface } from '../component/index.ts';
import type { ComponentContext, Guest } from './guest.ts';
import type { OutboundNetwork } from './network/index.ts';
import type { VariableResolver } from '@spindle/api';

/** What a capability may use of the app while it opens. */
export interface AppContext {
  readonly name: string;
  readonly components: readonly ComponentContext[];
  /** Directory for state that outlives the process; undefined keeps all state in memory. */
  readonly stateDir: string | undefined;
  /** What is kept in memory under this name is shared by all threads that serve the app; undefined when there is one. */
  readonly memoryName?: string;
  /** Directory that relative paths of the runtime configuration start from. */
  readonly configDir: string;
  readonly variables: VariableResolver;
  /** The way out, shared by all capabilities that make connections. */
  readonly network: OutboundNetwork;
  readonly signal: AbortSignal;
}

export interface HostCapability<Config, State extends object> {
  /** Also the log name and the metric label. */
  readonly id: string;
  /** Interfaces served, with version; a guest's semver-compatible version is served too. */
  readonly interfaces: readonly string[];
  /** Top-level keys of the runtime configuration that belong to this capability. */
  readonly configKeys: readonly string[];
  /** Pure; throws UserError naming the field. `raw` holds only `configKeys`. */
  parse(raw: Readonly<Record<string, unknown>>): Config;
  /** Once per app: pools, files. A component that asks for what is not there makes it throw UserError. */
  open(config: Config, app: AppContext): Promise<State>;
  /** Once per component, no I/O: interface name to functions, each of which gets the calling Guest first. */
  bind(state: State, component: ComponentContext): ReadonlyMap<string, HostInterface<Guest>>;
  /** Once, when the app is closed. */
  close?(state: State): Promise<void>;
}
