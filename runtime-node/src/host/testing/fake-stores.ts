// Key-value stores in memory and a guest that may open some of them, for tests of the key-value interfaces.
import { plain, waiting } from '../../component/index.ts';
import type { Declare } from '../key-value/host.ts';
import { KeyValueStores } from '../key-value/index.ts';
import type { StoreAccess } from '../key-value/open-store.ts';
import { fakeApp } from './fake-app.ts';
import { fakeGuest, type FakeGuest } from './fake-guest.ts';
import { slowStores } from './slow-stores.ts';

export interface FakeStores {
  readonly fake: FakeGuest;
  readonly access: StoreAccess;
  readonly declare: Declare;
}

async function stores(): Promise<{ fake: FakeGuest; opened: KeyValueStores }> {
  const fake = fakeGuest({ metadata: { key_value_stores: ['default', 'other'] } });
  const opened = new KeyValueStores(new Map([['other', { type: 'spin', path: undefined }]]), fakeApp());
  await opened.openFor([fake.component]);
  return { fake, opened };
}

/** For `describe.each`: stores that answer at once, and stores that make the guest wait. */
export const storeKinds = [
  [
    'answer at once',
    async (): Promise<FakeStores> => {
      const { fake, opened } = await stores();
      return { fake, access: opened, declare: plain };
    },
  ],
  [
    'make the guest wait',
    async (): Promise<FakeStores> => {
      const { fake, opened } = await stores();
      return { fake, access: slowStores(opened), declare: waiting };
    },
  ],
] as const;
