// What a capability is opened with, for tests: an app of the given components, with no variables and no way out.
import { VariableError, type VariableResolver } from '@spindle/api';
import type { AppContext } from '../capability.ts';
import { OutboundNetwork, parseNetworkConfig } from '../network/index.ts';
import { fakeComponent } from './fake-guest.ts';

/** Values by name, the same for every component; an Error or a promise is given as it is. */
export function fakeResolver(
  values: Readonly<Record<string, string | Error | Promise<string>>> = {},
): VariableResolver {
  const get = (_componentId: string, key: string): string | Promise<string> => {
    const value = values[key] ?? new VariableError('undefined', `no variable for "c"."${key}"`);
    if (value instanceof Error) {
      throw value;
    }
    return value;
  };
  return {
    get,
    async getAll(componentId) {
      const all = Object.keys(values).map(async (key) => [key, await get(componentId, key)] as const);
      return new Map(await Promise.all(all));
    },
    resolveTemplate: (template) => template,
  };
}

export function fakeApp(overrides: Partial<AppContext> = {}): AppContext {
  return {
    name: 'app',
    components: [fakeComponent()],
    stateDir: undefined,
    configDir: '/nowhere',
    variables: fakeResolver(),
    network: new OutboundNetwork(parseNetworkConfig(undefined), new Map()),
    signal: new AbortController().signal,
    ...overrides,
  };
}
