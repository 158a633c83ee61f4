// The runtime's own host for one run of a guest, with a clock that only moves while it is waited for and random numbers that are the same
// each time, so that two runs ask and are answered the same.
import type { Guest as HostGuest } from '../../runtime-node/src/host/guest.ts';
import { Guest } from '../../runtime-node/src/host/guest.ts';
import type { HostInterface } from '../../runtime-node/src/component/index.ts';
import { keyValue } from '../../runtime-node/src/host/key-value/index.ts';
import { fakeApp, fakeResolver } from '../../runtime-node/src/host/testing/fake-app.ts';
import { fakeComponent, type FakeGuestOptions } from '../../runtime-node/src/host/testing/fake-guest.ts';
import { clocksOn } from '../../runtime-node/src/host/wasi-clocks/index.ts';
import { randomInterfaces } from '../../runtime-node/src/host/wasi-random/host.ts';
import type { HostCapability } from '../../runtime-node/src/host/capability.ts';
import { JumpingClock } from './jumping-clock.ts';
import { hostCapabilities } from '../../runtime-node/src/run/capabilities.ts';

export interface WasiHost {
  readonly interfaces: ReadonlyMap<string, HostInterface<HostGuest>>;
  readonly guest: HostGuest;
  /** What the guest wrote, by stream. */
  readonly output: { stdout: string; stderr: string };
  close(): Promise<void>;
}

export async function openWasiHost(
  component: FakeGuestOptions = {},
  variables: Readonly<Record<string, string>> = {},
): Promise<WasiHost> {
  const output = { stdout: '', stderr: '' };
  const context = fakeComponent(component, (stream, bytes) => {
    output[stream] += Buffer.from(bytes).toString();
  });
  const app = fakeApp({ components: [context], variables: fakeResolver(variables) });
  const interfaces = new Map<string, HostInterface<HostGuest>>();
  const closing: (() => Promise<void> | undefined)[] = [];
  const all: readonly HostCapability<unknown, object>[] = [
    ...hostCapabilities({}),
    keyValue as unknown as HostCapability<unknown, object>,
    clocksOn(new JumpingClock()) as HostCapability<unknown, object>,
  ];
  for (const capability of all) {
    const state = await capability.open(capability.parse({}), app);
    closing.push(() => capability.close?.(state));
    for (const [name, found] of capability.bind(state, context)) {
      interfaces.set(name, found);
    }
  }
  let next = 0;
  for (const [name, found] of randomInterfaces((bytes) => bytes.forEach((_, i) => (bytes[i] = next++ & 0xff)))) {
    interfaces.set(name, found);
  }
  return {
    interfaces,
    guest: new Guest(context, { signal: new AbortController().signal }),
    output,
    close: async () => {
      for (const close of closing.toReversed()) {
        await close();
      }
    },
  };
}
