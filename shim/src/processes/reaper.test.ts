import { describe, expect, it } from 'vitest';
import type { ProcessEnd } from '../ffi/index.ts';
import { Reaper } from './reaper.ts';

/** A table of processes that have ended and are not collected, oldest first. */
function table(): { ended: ProcessEnd[]; reaper: Reaper } {
  const ended: ProcessEnd[] = [];
  const take = (pid: number): ProcessEnd | undefined => {
    const at = ended.findIndex((one) => one.pid === pid);
    return at === -1 ? undefined : ended.splice(at, 1)[0];
  };
  const reaper = new Reaper({ libc: { peekEnded: () => ended[0], collect: take }, now: () => new Date(5) });
  return { ended, reaper };
}

describe('the reaper', () => {
  it('tells who waits, and collects those that nobody waits for', async () => {
    const { ended, reaper } = table();
    const end = reaper.during(async () => ({ end: reaper.untilEnded(7) }));
    ended.push({ pid: 3, status: 0 }, { pid: 7, status: 137 });
    reaper.look();
    expect(await (await end).end).toEqual({ status: 137, at: new Date(5) });
    expect(ended).toEqual([]);
  });

  it('knows of an end that came before the number was known', async () => {
    const { ended, reaper } = table();
    const end = await reaper.during(async () => {
      ended.push({ pid: 7, status: 1 });
      reaper.look();
      return { told: reaper.untilEnded(7) };
    });
    expect((await end.told).status).toBe(1);
  });

  it('leaves the children of Node alone, and sees what ended behind them', async () => {
    const { ended, reaper } = table();
    reaper.addOwn(2);
    const told = reaper.untilEnded(7);
    ended.push({ pid: 2, status: 0 }, { pid: 7, status: 9 }, { pid: 8, status: 0 });
    reaper.look();
    expect((await told).status).toBe(9);
    expect(ended.map(({ pid }) => pid)).toEqual([2, 8]);
    // Node has collected its own.
    ended.shift();
    reaper.removeOwn(2);
    await expect.poll(() => ended).toEqual([]);
  });
});
