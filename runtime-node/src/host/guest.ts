// The object every host function gets first: which component is calling, and the call it is part of.
import type { LockedComponentMetadata } from '@spindle/api';
import type { CallTrace } from '../telemetry/call-trace.ts';
import type { InputStream, OutputStream } from './io/streams.ts';

export type Stdio = 'stdout' | 'stderr';

/** What one component of an app may know of itself; made once when the app is opened. */
export interface ComponentContext {
  readonly id: string;
  /** WASI environment, `--env` already merged. */
  readonly env: Readonly<Record<string, string>>;
  /** Read-only (unless `writable`) directories: guest path to host directory. */
  readonly mounts: readonly { readonly guestPath: string; readonly hostPath: string; readonly writable: boolean }[];
  readonly metadata: LockedComponentMetadata;
  /** Component variables: name to template. */
  readonly config: Readonly<Record<string, string>>;
  /** Takes the bytes a guest writes to its stdout or stderr; never waits. */
  readonly log: (stream: Stdio, bytes: Uint8Array) => void;
  /** Hears of each call that reached out, by its name, and the model that it asked; absent where nobody asks for what is counted. */
  readonly counted?: (call: string, succeeded: boolean, model?: string) => void;
}

/** What a command finds around it; a guest that only answers requests finds none of it. */
export interface CommandWorld {
  readonly args: readonly string[];
  /** Besides the component's own variables, which win. */
  readonly env: Readonly<Record<string, string>>;
  /** Asked each time the guest asks: streams of the same bytes. */
  readonly stdin: () => InputStream;
  /** In place of the log, if there is such a place. */
  readonly stdout?: () => OutputStream;
  readonly stderr?: () => OutputStream;
}

/** One call into a guest: made by the trigger, alive until the guest's function has returned. */
export interface GuestCall {
  /** Takes what the guest writes to stdout and stderr in place of the component's own log. */
  readonly log?: ComponentContext['log'];
  readonly command?: CommandWorld;
  /** How many components have called each other to get here; nothing for a call from outside. */
  readonly depth?: number;
  /** Which trace it is part of; absent where nothing is handed on. */
  readonly trace?: CallTrace;
  /** Aborted when the client goes away, the call's time is up, or the process stops. */
  readonly signal: AbortSignal;
}

/** State of one instance. Capabilities keep what lives as long as the instance under a key of their own. */
export class Guest {
  readonly component: ComponentContext;
  readonly call: GuestCall;
  /** Most guests ask for none. */
  #states: Map<symbol, unknown> | undefined;

  constructor(component: ComponentContext, call: GuestCall) {
    this.component = component;
    this.call = call;
  }

  log(stream: Stdio, bytes: Uint8Array): void {
    this.call.trace?.printed(bytes);
    (this.call.log ?? this.component.log)(stream, bytes);
  }

  /** The capability's state of this instance, made at first use. */
  state<T>(key: symbol, make: () => T): T {
    this.#states ??= new Map();
    if (!this.#states.has(key)) {
      this.#states.set(key, make());
    }
    return this.#states.get(key) as T;
  }
}
