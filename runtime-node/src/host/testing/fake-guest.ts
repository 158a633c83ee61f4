// A guest for tests of host functions: a context and a call with no component behind them.
import type { LockedComponentMetadata } from '@spindle/api';
import { Guest, type CommandWorld, type ComponentContext } from '../guest.ts';

export interface FakeGuestOptions extends Partial<Omit<ComponentContext, 'log'>> {
  readonly metadata?: LockedComponentMetadata;
  /** Called as a command. */
  readonly command?: CommandWorld;
}

export interface FakeGuest {
  readonly guest: Guest;
  readonly component: ComponentContext;
  /** What it wrote, by stream. */
  readonly output: { stdout: string; stderr: string };
  /** Ends its call, as a trigger does when the client has gone. */
  abort(): void;
}

export function fakeComponent(
  options: FakeGuestOptions = {},
  log: ComponentContext['log'] = () => {},
): ComponentContext {
  return { id: 'c', env: {}, mounts: [], metadata: {}, config: {}, ...options, log };
}

export function fakeGuest({ command, ...options }: FakeGuestOptions = {}): FakeGuest {
  const output = { stdout: '', stderr: '' };
  const component = fakeComponent(options, (stream, bytes) => {
    output[stream] += new TextDecoder().decode(bytes);
  });
  const controller = new AbortController();
  return {
    guest: new Guest(component, { signal: controller.signal, ...(command === undefined ? {} : { command }) }),
    component,
    output,
    abort: () => controller.abort(),
  };
}
