import type { Secret } from '@spindle/api';
import type { KubeClient, ObjectName } from '@spindle/kube';
import { describe, expect, it } from 'vitest';
import { ReferredValues } from './referred-values.ts';

/** An API server with one Secret in each namespace. */
function server(): {
  readonly values: ReferredValues;
  readonly asked: string[];
  change(text: string): void;
  version: string;
} {
  const asked: string[] = [];
  let text = 'one';
  const state = { version: '1' };
  const client = {
    find: (_type: unknown, { namespace = '', name }: ObjectName) => {
      asked.push(`${namespace}/${name}`);
      const secret: Secret = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { namespace, name, resourceVersion: state.version },
        data: { key: Buffer.from(text).toString('base64') },
      };
      return Promise.resolve(name === 'gone' ? undefined : secret);
    },
  } as unknown as Pick<KubeClient, 'find'>;
  return Object.assign(state, {
    values: new ReferredValues(client, 10),
    asked,
    change(to: string) {
      text = to;
      state.version = '2';
    },
  });
}

const get = (values: ReferredValues, namespace: string, version: string | undefined, name = 's'): Promise<unknown> =>
  values.get('Secret', { namespace, name }, version, {});

describe('what an app refers to', () => {
  it('is fetched once for each state', async () => {
    const { values, asked, change } = server();
    expect(await get(values, 'a', '1')).toEqual({ key: 'one' });
    expect(await get(values, 'a', '1')).toEqual({ key: 'one' });
    expect(asked).toEqual(['a/s']);
    change('two');
    expect(await get(values, 'a', '2')).toEqual({ key: 'two' });
    expect(asked).toEqual(['a/s', 'a/s']);
  });

  it('is asked for when the watch shows none, which may be late, and kept for when it shows it', async () => {
    const { values, asked } = server();
    expect(await get(values, 'a', undefined)).toEqual({ key: 'one' });
    expect(await get(values, 'a', '1')).toEqual({ key: 'one' });
    expect(asked).toEqual(['a/s']);
  });

  it('is missing when the API server says so too', async () => {
    const { values, asked } = server();
    expect(await get(values, 'a', undefined, 'gone')).toBeUndefined();
    expect(await get(values, 'a', undefined, 'gone')).toBeUndefined();
    expect(asked).toEqual(['a/gone', 'a/gone']);
  });

  it('may have gone since the watch showed it', async () => {
    expect(await get(server().values, 'a', '1', 'gone')).toBeUndefined();
  });

  it('makes room for what was used later', async () => {
    const { values, asked } = server();
    for (const namespace of ['a', 'b', 'c', 'a', 'd', 'a', 'b']) {
      await get(values, namespace, '1');
    }
    // Three times three characters fit into ten.
    expect(asked).toEqual(['a/s', 'b/s', 'c/s', 'd/s', 'b/s']);
  });
});
