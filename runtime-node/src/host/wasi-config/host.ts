// wasi:config/store: the component's variables under the standard's name. What is not there is no error.
import { VariableError, type VariableResolver } from '@spindle/api';
import { waiting, type HostInterface } from '../../component/index.ts';
import { attempt } from '../attempt.ts';
import type { Guest } from '../guest.ts';

interface StoreError {
  readonly tag: 'upstream' | 'io';
  readonly val: string;
}

function upstream(error: unknown): StoreError {
  if (error instanceof VariableError) {
    return { tag: 'upstream', val: error.message };
  }
  throw error;
}

function noneWhenUnknown(error: unknown): undefined {
  if (error instanceof VariableError && (error.kind === 'undefined' || error.kind === 'invalid-name')) {
    return undefined;
  }
  throw error;
}

function find(resolver: VariableResolver, guest: Guest, key: string): string | undefined | Promise<string | undefined> {
  try {
    const value = resolver.get(guest.component.id, key);
    return value instanceof Promise ? value.catch(noneWhenUnknown) : value;
  } catch (error) {
    return noneWhenUnknown(error);
  }
}

export const configStore = (resolver: VariableResolver): HostInterface<Guest> => ({
  repeatable: true,
  resources: {},
  functions: {
    get: waiting((guest: Guest, key: string) => attempt(() => find(resolver, guest, key), upstream)),
    'get-all': waiting((guest: Guest) =>
      attempt(async () => [...(await resolver.getAll(guest.component.id))], upstream),
    ),
  },
});
