// A component that calls another and answers when it has the whole answer: both in one process, and each in a process
// of its own, over loopback.
import { resolve } from 'node:path';
import { fixturePath } from '../../guests/fixtures.ts';
import { guestNamed, type BenchGuest } from './guests.ts';
import { manifestOf, OURS, startSpindle, startWasmtime, spindle, wasmtimeServe, type ServerKind } from './servers.ts';

/** Calls the URL of its query. */
export const CHAINED: BenchGuest = { name: 'chained call', fixture: 'rfanout', path: '/' };
const CALLED = guestNamed('rhello');

export const TWO_SPINDLES = 'two spindles';
const TWO_WASMTIMES = 'two wasmtime serve';

const calling = (url: string): BenchGuest => ({ ...CHAINED, path: `/?url=${url}` });

export const chained = (cacheDir: string): ServerKind => ({
  name: OURS,
  start: async (guest) => {
    const called = resolve(await fixturePath(CALLED.fixture));
    const caller = await manifestOf(guest.fixture, 'allowed_outbound_hosts = ["http://called.spin.internal"]');
    return startSpindle(
      calling('http://called.spin.internal/'),
      `${caller}
[[trigger.http]]
route = { private = true }
component = "called"
[component.called]
source = ${JSON.stringify(called)}
`,
      { cacheDir },
    );
  },
});

export const twoSpindles = (cacheDir: string): ServerKind => ({
  name: TWO_SPINDLES,
  start: async (guest) => {
    const behind = await spindle(cacheDir).start(CALLED);
    const origin = new URL(behind.url).origin;
    const manifest = await manifestOf(guest.fixture, `allowed_outbound_hosts = ["${origin}"]`);
    return startSpindle(calling(behind.url), manifest, { cacheDir, behind });
  },
});

export const twoWasmtimes: ServerKind = {
  name: TWO_WASMTIMES,
  start: async () => {
    const behind = await wasmtimeServe.start(CALLED);
    return startWasmtime(calling(behind.url), behind);
  },
};
