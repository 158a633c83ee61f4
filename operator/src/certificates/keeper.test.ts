// Certificates as time goes by: on an API server in memory, with the clock in the test's hand.
import { X509Certificate } from 'node:crypto';
import {
  createClient,
  createTransport,
  resource,
  systemClock,
  type Clock,
  type KubeClient,
  type KubeObject,
  type Transport,
} from '@spindle/kube';
import { startFakeApiServer, type FakeApiServer } from '@spindle/kube/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { KeyPair } from '../admission/server.ts';
import { CertificateKeeper } from './keeper.ts';

interface Configuration extends KubeObject {
  readonly webhooks: readonly { readonly name: string; readonly clientConfig: { readonly caBundle?: string } }[];
}

const core = { group: '', version: 'v1' };
const NAMESPACES = resource<KubeObject>({ ...core, plural: 'namespaces', kind: 'Namespace', namespaced: false });
const VALIDATING = resource<Configuration>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
  namespaced: false,
});

const NAMESPACE = 'spin-operator';
const SECRET = { namespace: NAMESPACE, name: 'certificates' };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Days go by when a test says so, with what waits for hours; anything shorter goes by the time of this machine. */
class DayClock implements Clock {
  #date: number;
  #passed = 0;
  readonly #waiting = new Set<() => void>();

  constructor(date: string) {
    this.#date = Date.parse(date);
  }

  /** How many wait. */
  get pending(): number {
    return this.#waiting.size;
  }

  now(): number {
    return systemClock.now() + this.#passed;
  }

  date(): Date {
    return new Date(this.#date);
  }

  after(delayMs: number, run: () => void): () => void {
    if (delayMs < HOUR_MS) {
      return systemClock.after(delayMs, run);
    }
    this.#waiting.add(run);
    return () => this.#waiting.delete(run);
  }

  goOn(days: number): void {
    this.#date += days * DAY_MS;
    this.#passed += days * DAY_MS;
    const due = [...this.#waiting];
    this.#waiting.clear();
    for (const run of due) {
      run();
    }
  }
}

let server: FakeApiServer;
let transport: Transport;
let client: KubeClient;
let clock: DayClock;
let keepers: CertificateKeeper[];

beforeEach(async () => {
  server = await startFakeApiServer();
  transport = createTransport(server.access, { userAgent: 'test' });
  client = createClient(transport, { fieldManager: 'test' });
  await client.create<KubeObject>(NAMESPACES, { metadata: { name: NAMESPACE } });
  await client.create(VALIDATING, { metadata: { name: 'hooks' }, webhooks: [{ name: 'a.b.c', clientConfig: {} }] });
  clock = new DayClock('2026-01-01T00:00:00Z');
  keepers = [];
});
afterEach(async () => {
  await Promise.all(keepers.map((keeper) => keeper.stop()));
  await transport.close();
  await server.stop();
});

const until = <T>(look: () => Promise<T> | T): Promise<T> => vi.waitFor(look, { timeout: 20_000, interval: 5 });

/** What the replica serves, the newest last. */
function startReplica(): KeyPair[] {
  const served: KeyPair[] = [];
  const keeper = new CertificateKeeper({
    client,
    secret: SECRET,
    names: ['webhooks.spin-operator.svc'],
    configurations: { mutating: '', validating: 'hooks' },
    clock,
    onPair: (pair) => served.push(pair),
    controllerObserver: {},
    watchObserver: () => ({}),
  });
  keeper.start();
  keepers.push(keeper);
  return served;
}

const trusted = async (): Promise<string> => {
  const { webhooks } = await client.get(VALIDATING, { name: 'hooks' });
  return Buffer.from(webhooks[0]?.clientConfig.caBundle ?? '', 'base64').toString();
};

it('a certificate is renewed by the clock, by all replicas the same, and whoever trusted the old one trusts the new one', async () => {
  const [one, two] = [startReplica(), startReplica()];
  await until(() => expect([one.length, two.length]).toEqual([1, 1]));
  expect(one).toEqual(two);
  const authority = await until(async () => {
    const text = await trusted();
    expect(text).toContain('BEGIN CERTIFICATE');
    return text;
  });

  await until(() => expect(clock.pending).toBe(2));
  clock.goOn(50);
  // Both have looked, and wait again.
  await until(() => expect(clock.pending).toBe(2));
  expect([one.length, two.length]).toEqual([1, 1]);
  clock.goOn(15);
  await until(() => expect([one.length, two.length]).toEqual([2, 2]));
  expect(one.at(-1)).toEqual(two.at(-1));
  const renewed = new X509Certificate(one.at(-1)?.cert ?? '');
  expect(renewed.validToDate.getTime()).toBeGreaterThan(clock.date().getTime() + 60 * DAY_MS);
  expect(renewed.verify(new X509Certificate(authority).publicKey)).toBe(true);
  expect(await trusted()).toBe(authority);
});

it('an operator that comes after years without one finds all of it over, and begins anew', async () => {
  const before = startReplica();
  await until(() => expect(before).toHaveLength(1));
  const authority = await until(async () => {
    const text = await trusted();
    expect(text).not.toBe('');
    return text;
  });
  await Promise.all(keepers.splice(0).map((keeper) => keeper.stop()));
  clock = new DayClock('2040-01-01T00:00:00Z');
  const later = startReplica();
  await until(() => expect(later).toHaveLength(1));
  expect(new X509Certificate(later[0]?.cert ?? '').validToDate.getTime()).toBeGreaterThan(clock.date().getTime());
  await until(async () => expect(await trusted()).not.toBe(authority));
  // What is over is not trusted beside it.
  expect((await trusted()).match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
});
