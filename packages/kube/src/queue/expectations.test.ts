import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../client/resource.ts';
import { Store } from '../store/store.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import type { Change } from '../watch/change.ts';
import type { Observed } from '../watch/event.ts';
import { Expectations } from './expectations.ts';

const app = { namespace: 'default', name: 'app' };
const child = { namespace: 'default', name: 'child' };
const version = (resourceVersion: string, more: { uid?: string; deletionTimestamp?: string } = {}): Observed => ({
  metadata: { ...child, uid: 'uid', resourceVersion, ...more },
});

function underTest(): {
  readonly clock: FakeClock;
  readonly store: Store<KubeObject>;
  readonly tell: (change: Change<KubeObject>) => void;
  readonly expectations: Expectations;
  readonly met: unknown[];
} {
  const clock = new FakeClock();
  const store = new Store<KubeObject>();
  const met: unknown[] = [];
  const expectations = new Expectations({ clock, onMet: (key) => met.push(key) });
  return { clock, store, tell: store.source(), expectations, met };
}

describe('18. what was written', () => {
  it('keeps its key waiting until the store shows that very version', async () => {
    const { store, tell, expectations, met } = underTest();
    tell({ kind: 'apply', object: version('1') });
    await expectations.write(app, store, child, async () => version('7'));
    expect(expectations.gateMs(app)).toBe(5_000);
    expect(expectations.gateMs({ namespace: 'default', name: 'another' })).toBe(0);
    tell({ kind: 'apply', object: version('3') });
    expect(expectations.gateMs(app)).toBe(5_000);
    tell({ kind: 'apply', object: version('7') });
    expect([expectations.gateMs(app), met]).toEqual([0, [app]]);
  });

  it('keeps nobody waiting when its echo comes before its answer, even with more after it', async () => {
    const { store, tell, expectations } = underTest();
    await expectations.write(app, store, child, async () => {
      tell({ kind: 'apply', object: version('7') });
      tell({ kind: 'apply', object: version('8') });
      return version('7');
    });
    expect(expectations.gateMs(app)).toBe(0);
  });

  it('keeps nobody waiting when it changed nothing', async () => {
    const { store, tell, expectations } = underTest();
    tell({ kind: 'apply', object: version('7') });
    await expectations.write(app, store, child, async () => version('7'));
    expect(expectations.gateMs(app)).toBe(0);
  });

  it('is waited for no longer than 5 s', async () => {
    const { clock, store, expectations } = underTest();
    await expectations.write(app, store, child, async () => version('7'));
    await clock.advance(4_999);
    expect(expectations.gateMs(app)).toBe(1);
    await clock.advance(1);
    expect(expectations.gateMs(app)).toBe(0);
  });

  it('is not waited for when it has failed', async () => {
    const { store, tell, expectations, met } = underTest();
    const failing = expectations.write(app, store, child, async () => {
      throw new Error('refused');
    });
    await expect(failing).rejects.toThrow('refused');
    expect(expectations.gateMs(app)).toBe(0);
    tell({ kind: 'apply', object: version('7') });
    expect(met).toEqual([]);
  });

  it('opens the gate with the last of several writes', async () => {
    const { store, tell, expectations, met } = underTest();
    await expectations.write(app, store, child, async () => version('7'));
    await expectations.write(app, store, child, async () => version('8'));
    tell({ kind: 'apply', object: version('7') });
    expect([expectations.gateMs(app), met]).toEqual([5_000, []]);
    tell({ kind: 'apply', object: version('8') });
    expect([expectations.gateMs(app), met]).toEqual([0, [app]]);
  });

  it.each([
    ['gone', { kind: 'delete', object: version('9') }],
    ['going', { kind: 'apply', object: version('9', { deletionTimestamp: '2026-11-21T12:00:00Z' }) }],
    ['another one already', { kind: 'apply', object: version('9', { uid: 'another' }) }],
  ] as const)('as a deletion is waited for until the object is %s', async (_what, change) => {
    const { store, tell, expectations } = underTest();
    tell({ kind: 'apply', object: version('1') });
    await expectations.remove(app, store, version('1'), async () => true);
    tell({ kind: 'apply', object: version('2') });
    expect(expectations.gateMs(app)).toBe(5_000);
    tell(change);
    expect(expectations.gateMs(app)).toBe(0);
  });

  it('as a deletion of what the store does not show keeps nobody waiting', async () => {
    const { store, expectations } = underTest();
    await expectations.remove(app, store, version('1'), async () => true);
    expect(expectations.gateMs(app)).toBe(0);
  });
});
