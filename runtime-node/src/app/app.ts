// An application as a value: its components prepared and bound to the host's capabilities. Nothing is kept outside
// the App object, so that one process may hold many and start or drop each (docs/design, "the dense executor").
import type { LockedApp, VariableResolver } from '@spindle/api';
import type { LinkedComponent } from '../component/index.ts';
import type { ComponentContext, Guest } from '../host/guest.ts';

/** A component that a trigger can call. */
export interface AppComponent {
  readonly context: ComponentContext;
  readonly linked: LinkedComponent<Guest>;
}

export interface App {
  readonly locked: LockedApp;
  /** The components that some trigger names, by id; others are never compiled (spin-contract.md §4). */
  readonly components: ReadonlyMap<string, AppComponent>;
  /** What templates in the configuration of triggers are filled with. */
  readonly variables: Pick<VariableResolver, 'resolveTemplate'>;
  /** The state that capability `id` opened for this app, for what a trigger has to tell it (e.g. its own address). */
  capabilityState(id: string): object | undefined;
  close(): Promise<void>;
}
