// The runtime's own host without an application: every capability, opened for one component.
import type { HostInterface, HostInterfaces } from '../../../runtime-node/src/component/index.ts';
import { Guest } from '../../../runtime-node/src/host/guest.ts';
import { fakeApp } from '../../../runtime-node/src/host/testing/fake-app.ts';
import { fakeComponent } from '../../../runtime-node/src/host/testing/fake-guest.ts';
import { hostCapabilities } from '../../../runtime-node/src/run/capabilities.ts';

export interface BenchHost {
  readonly interfaces: HostInterfaces<Guest>;
  newGuest(): Guest;
}

export async function openHost(): Promise<BenchHost> {
  const component = fakeComponent();
  const app = fakeApp({ components: [component] });
  const interfaces = new Map<string, HostInterface<Guest>>();
  for (const capability of hostCapabilities({})) {
    const state = await capability.open(capability.parse({}), app);
    for (const [name, found] of capability.bind(state, component)) {
      interfaces.set(name, found);
    }
  }
  const { signal } = new AbortController();
  return { interfaces, newGuest: () => new Guest(component, { signal }) };
}
