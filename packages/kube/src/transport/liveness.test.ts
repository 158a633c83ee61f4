// kube-client 7: bytes within 60 s, and pings so that there are some.
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import { watchLiveness } from './liveness.ts';

function world(): { clock: FakeClock; log: string[]; liveness: ReturnType<typeof watchLiveness> } {
  const clock = new FakeClock();
  const log: string[] = [];
  const say = (what: string) => (): void => void log.push(`${what} ${clock.now() / 1000}`);
  return { clock, log, liveness: watchLiveness(clock, say('ping'), say('silent')) };
}

describe('7: a connection', () => {
  it('without a byte is pinged every 20 s and silent after 60 s', async () => {
    const { clock, log } = world();
    await clock.advance(200_000);
    expect(log.filter((line) => line.startsWith('silent'))).toEqual(['silent 60']);
    expect(log.slice(0, 2)).toEqual(['ping 20', 'ping 40']);
    expect(log.length).toBeLessThanOrEqual(4);
  });

  it('is silent 60 s after its last byte, not later', async () => {
    const { clock, log, liveness } = world();
    await clock.advance(59_000);
    liveness.heard();
    await clock.advance(59_999);
    expect(log).not.toContain('silent 119');
    await clock.advance(1);
    expect(log).toContain('silent 119');
  });

  it('that is over is neither pinged nor silent', async () => {
    const { clock, log, liveness } = world();
    liveness.stop();
    await clock.advance(200_000);
    expect(log).toEqual([]);
  });
});
