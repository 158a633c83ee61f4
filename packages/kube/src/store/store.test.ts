import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../client/resource.ts';
import type { Observed } from '../watch/event.ts';
import { Store, type StoreEvent, type StoreOptions } from './store.ts';

interface Thing extends KubeObject {
  readonly owner?: string;
}

const thing = (
  name: string,
  version: string,
  more: { uid?: string; owner?: string; namespace?: string } = {},
): Thing & Observed => {
  const { uid = `uid-${name}`, owner, namespace = 'default' } = more;
  return { metadata: { name, namespace, uid, resourceVersion: version }, ...(owner === undefined ? {} : { owner }) };
};

type Owned = Store<Thing, 'owner'>;

const owned = (
  options: Partial<StoreOptions<Thing, 'owner'>> = {},
): { store: Owned; told: string[]; events: StoreEvent<Thing>[] } => {
  const store = new Store<Thing, 'owner'>({
    indexes: { owner: ({ owner }) => (owner === undefined ? [] : [owner]) },
    ...options,
  });
  const [told, events]: [string[], StoreEvent<Thing>[]] = [[], []];
  store.listen((event) => {
    events.push(event);
    told.push(`${event.kind} ${event.object.metadata.name} ${event.object.metadata.resourceVersion}`);
  });
  return { store, told, events };
};

const namesOf = (objects: readonly Observed[]): readonly string[] => objects.map(({ metadata }) => metadata.name);

describe('a store', () => {
  it('3. shows nothing of a new state before all of it is there', () => {
    const { store, told } = owned();
    const tell = store.source();
    tell({ kind: 'init' });
    tell({ kind: 'init-apply', object: thing('a', '1') });
    expect([store.size, store.isSynced, told]).toEqual([0, false, []]);
    tell({ kind: 'init-done' });
    expect([store.size, store.isSynced, told]).toEqual([1, true, ['added a 1']]);
    tell({ kind: 'init' });
    tell({ kind: 'init-apply', object: thing('b', '2') });
    expect(namesOf(store.list())).toEqual(['a']);
    tell({ kind: 'init-done' });
    expect(namesOf(store.list())).toEqual(['b']);
  });

  it('3. tells only what a relist changes, and the missing once with their last state', () => {
    const { store, told, events } = owned();
    const tell = store.source();
    tell({ kind: 'init' });
    for (const name of ['same', 'newer', 'gone', 'reborn']) {
      tell({ kind: 'init-apply', object: thing(name, '1') });
    }
    tell({ kind: 'init-done' });
    told.length = 0;
    tell({ kind: 'init' });
    tell({ kind: 'init-apply', object: thing('same', '1') });
    tell({ kind: 'init-apply', object: thing('newer', '2') });
    tell({ kind: 'init-apply', object: thing('reborn', '3', { uid: 'another' }) });
    tell({ kind: 'init-done' });
    expect(told).toEqual(['deleted gone 1', 'changed newer 2', 'deleted reborn 1', 'added reborn 3']);
    expect(events.every(({ isInitial }) => isInitial)).toBe(true);
  });

  it('3. forgets a state that is told anew before its end', () => {
    const { store } = owned();
    const tell = store.source();
    tell({ kind: 'init' });
    tell({ kind: 'init-apply', object: thing('half', '1') });
    tell({ kind: 'init' });
    tell({ kind: 'init-apply', object: thing('whole', '2') });
    tell({ kind: 'init-done' });
    expect(namesOf(store.list())).toEqual(['whole']);
  });

  it('3. heeds a deletion of an earlier object of the same name no more than an unknown one', () => {
    const { store, told } = owned();
    const tell = store.source();
    tell({ kind: 'apply', object: thing('a', '5', { uid: 'new' }) });
    tell({ kind: 'delete', object: thing('a', '4', { uid: 'old' }) });
    tell({ kind: 'delete', object: thing('b', '6') });
    expect(told).toEqual(['added a 5']);
    expect(store.size).toBe(1);
  });

  it('shows the new state in whole before the first handler is told of it', () => {
    const { store } = owned();
    const tell = store.source();
    const sizes: number[] = [];
    store.listen(() => sizes.push(store.size));
    tell({ kind: 'init' });
    tell({ kind: 'init-apply', object: thing('a', '1') });
    tell({ kind: 'init-apply', object: thing('b', '1') });
    tell({ kind: 'init-done' });
    expect(sizes).toEqual([2, 2]);
  });

  it('finds objects by what they say, as of now', () => {
    const { store } = owned();
    const tell = store.source();
    tell({ kind: 'apply', object: thing('a', '1', { owner: 'x' }) });
    tell({ kind: 'apply', object: thing('b', '2', { owner: 'x' }) });
    expect(namesOf(store.by('owner', 'x'))).toEqual(['a', 'b']);
    tell({ kind: 'apply', object: thing('a', '3', { owner: 'y' }) });
    tell({ kind: 'delete', object: thing('b', '4', { owner: 'x' }) });
    expect(namesOf(store.by('owner', 'x'))).toEqual([]);
    expect(namesOf(store.by('owner', 'y'))).toEqual(['a']);
    expect(namesOf(store.by('owner', 'z'))).toEqual([]);
  });

  it('11. takes a new state of one namespace for no word about another', async () => {
    const { store } = owned();
    const [one, other] = [store.source('one'), store.source('other')];
    one({ kind: 'init' });
    one({ kind: 'init-apply', object: thing('a', '1', { namespace: 'one' }) });
    one({ kind: 'init-done' });
    expect(store.isSynced).toBe(false);
    other({ kind: 'init' });
    other({ kind: 'init-apply', object: thing('a', '2', { namespace: 'other', uid: 'second' }) });
    other({ kind: 'init-done' });
    await store.whenSynced();
    one({ kind: 'init' });
    one({ kind: 'init-done' });
    expect(store.list().map(({ metadata }) => metadata.namespace)).toEqual(['other']);
  });

  it('9. tells every handler although one of them throws', () => {
    const errors: unknown[] = [];
    const { store } = owned({ onHandlerError: (error) => errors.push(error) });
    const bug = new Error('a bug');
    const told: string[] = [];
    store.listen(() => {
      throw bug;
    });
    const stop = store.listen(({ object }) => told.push(object.metadata.name));
    const tell = store.source();
    tell({ kind: 'apply', object: thing('a', '1') });
    stop();
    tell({ kind: 'apply', object: thing('b', '2') });
    expect([told, errors]).toEqual([['a'], [bug, bug]]);
  });

  it('10. keeps what it is told to keep, the same object over a relist, and lets nobody change it', () => {
    const { store } = owned({ freeze: true, reduce: ({ metadata }) => ({ metadata }) });
    const tell = store.source();
    const relist = (): void => {
      tell({ kind: 'init' });
      tell({ kind: 'init-apply', object: thing('a', '1', { owner: 'x' }) });
      tell({ kind: 'init-done' });
    };
    relist();
    const kept = store.get({ namespace: 'default', name: 'a' });
    expect(kept).toEqual({ metadata: thing('a', '1').metadata });
    expect(Object.isFrozen(kept?.metadata)).toBe(true);
    relist();
    expect(store.get({ namespace: 'default', name: 'a' })).toBe(kept);
  });
});
