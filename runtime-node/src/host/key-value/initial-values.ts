// `--key-value K=V`: values set in the default store before the app starts (spin-contract.md §5.3).
import { UserError } from '@spindle/api';
import { KeyValueError } from './backend.ts';
import type { KeyValueStores } from './stores.ts';

export async function setInitialKeyValues(
  stores: KeyValueStores,
  values: Iterable<readonly [key: string, value: string]>,
): Promise<void> {
  const pairs = [...values].map(([key, value]) => [key, new TextEncoder().encode(value)] as const);
  if (pairs.length === 0) {
    return;
  }
  const store = await stores.openDefault();
  try {
    await store.setMany(pairs);
  } catch (cause) {
    throw cause instanceof KeyValueError
      ? new UserError(`cannot set the initial key values: ${cause.message}`, {
          code: 'SPK4004',
          field: '--key-value',
          remedy: 'Check that the default key-value store can be written.',
          cause,
        })
      : cause;
  }
}
