// A controller at work on the fake API server and on the real one: what the store shows is brought about, each object once at a
// time, with a look at what was written before.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KubeClient } from '../../client/types.ts';
import { Controller } from '../../queue/controller.ts';
import { Expectations } from '../../queue/expectations.ts';
import { done, type Outcome, type QueueKey } from '../../queue/types.ts';
import { Store } from '../../store/store.ts';
import { isConflict } from '../../transport/errors.ts';
import { createInformer } from '../../watch/informer.ts';
import {
  configMaps,
  connect,
  eventually,
  newNamespace,
  pause,
  type ConfigMap,
  type Connected,
  type TestServer,
} from './test-server.ts';

const EDITS = 30;

export function describeControllers(title: string, start: () => Promise<TestServer>): void {
  describe(`controllers on ${title}`, () => {
    let server: TestServer;
    let connected: Connected;
    let client: KubeClient;
    let namespace: string;
    const running: (() => unknown)[] = [];

    beforeAll(async () => {
      server = await start();
      connected = connect(server);
      ({ client } = connected);
    });
    beforeEach(async () => {
      namespace = await newNamespace(connected);
    });
    afterEach(async () => {
      for (const stop of running.splice(0)) {
        await stop();
      }
    });
    afterAll(async () => {
      await connected?.transport.close();
      await server?.stop();
    });

    const put = (name: string, data: Readonly<Record<string, string>>): Promise<ConfigMap> =>
      client.apply(configMaps, { metadata: { namespace, name }, data }, { force: true });

    /** Every change of an object of the namespace is worked on. */
    const control = async (
      reconcile: (key: QueueKey, store: Store<ConfigMap>, expectations: Expectations) => Promise<Outcome>,
    ): Promise<Controller> => {
      const store = new Store<ConfigMap>({ freeze: true });
      const expectations = new Expectations({ onMet: (key) => controller.add(key, 'child') });
      const controller: Controller = new Controller({
        reconcile: (key) => reconcile(key, store, expectations),
        gateMs: (key) => expectations.gateMs(key),
      });
      store.listen(({ object }) => controller.add({ namespace, name: object.metadata.name }, 'live'));
      const informer = createInformer({ client, type: configMaps, store, namespaces: [namespace] });
      running.push(
        () => controller.stop(),
        () => informer.stop(),
      );
      informer.start();
      await store.whenSynced();
      controller.start();
      return controller;
    };

    it('12. work on the last state of an object that changes all the time, once at a time', async () => {
      let last = '';
      let most = 0;
      let under = 0;
      await control(async (key, store) => {
        under += 1;
        most = Math.max(most, under);
        await pause(2);
        last = store.get(key)?.data?.['n'] ?? '';
        under -= 1;
        return done;
      });
      for (let edit = 1; edit <= EDITS; edit += 1) {
        await put('hot', { n: String(edit) });
      }
      await eventually(() => last === String(EDITS));
      expect(most).toBe(1);
    });

    it('13. try again what the API server has refused, until it is done', async () => {
      await put('source', { n: '1' });
      let tries = 0;
      await control(async ({ name }) => {
        if (name !== 'source') {
          return done;
        }
        tries += 1;
        // As from a store that is behind: refused for a conflict, twice.
        const stale = await client.get(configMaps, { namespace, name: 'source' });
        const resourceVersion = tries <= 2 ? '1' : (stale.metadata.resourceVersion ?? '');
        await client.replace(configMaps, {
          ...stale,
          metadata: { namespace, name: 'source', resourceVersion },
          data: { n: '1', done: 'yes' },
        });
        return done;
      });
      await eventuallyAsync(
        async () => (await client.get(configMaps, { namespace, name: 'source' })).data?.['done'] === 'yes',
      );
      expect(tries).toBeGreaterThanOrEqual(3);
    });

    it('18. never act twice on what they have written themselves', async () => {
      await put('counter', { n: '0' });
      let conflicts = 0;
      await control(async (key, store, expectations) => {
        const seen = store.get(key);
        const count = Number(seen?.data?.['n'] ?? EDITS);
        if (seen === undefined || count >= EDITS) {
          return done;
        }
        try {
          await expectations.write(key, store, key, () =>
            client.replace(configMaps, { ...seen, data: { n: String(count + 1) } }),
          );
        } catch (error) {
          conflicts += isConflict(error) ? 1 : 0;
          throw error;
        }
        // Whoever is not made to wait plans from the past now, and is refused.
        return { kind: 'after', ms: 0 };
      });
      await eventuallyAsync(
        async () => (await client.get(configMaps, { namespace, name: 'counter' })).data?.['n'] === String(EDITS),
      );
      expect(conflicts).toBe(0);
    });

    it('20. end what is under way, and begin nothing else', async () => {
      const ended: string[] = [];
      const begun = Promise.withResolvers<void>();
      const controller = await control(async ({ name }) => {
        begun.resolve();
        await put('written', { by: name });
        ended.push(name);
        return done;
      });
      await put('one', { n: '1' });
      await begun.promise;
      expect(await controller.stop()).toBe(true);
      const before = [...ended];
      expect((await client.get(configMaps, { namespace, name: 'written' })).data).toEqual({ by: before.at(-1) });
      await put('two', { n: '1' });
      await pause(50);
      expect(ended).toEqual(before);
    });
  });
}

async function eventuallyAsync(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) {
    await pause(10);
  }
}
