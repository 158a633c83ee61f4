// The first request of a component may be begun on trial and made again when the guest has to wait: whatever it does
// to the world outside happens once all the same.
import { afterEach, describe, expect, it } from 'vitest';
import { ask } from './client.ts';
import { eventually } from './eventually.ts';
import { serveGuest, type GuestOptions, type ServedGuest } from './serve-guest.ts';
import { upstream } from './upstream.ts';

const open: ServedGuest[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((served) => served.stop()));
});

async function start(guest: string, options?: GuestOptions): Promise<ServedGuest> {
  const served = await serveGuest(guest, options);
  open.push(served);
  return served;
}

describe('the first request of a component', () => {
  it('prints once, though it waits in between', async () => {
    const served = await start('rlate');
    expect((await ask(served.port, '/?steps=2&ms=1')).body).toBe('answered\n');
    await eventually(() => served.output().includes('late end'));
    expect(served.output()).toBe('late step 1\nlate step 2\nlate end\n');
  });

  it('prints once, also what it has printed before it fails', async () => {
    const served = await start('rtrap');
    expect((await ask(served.port, '/panic')).status).toBe(500);
    expect(served.output().match(/the guest was told to panic/g)).toHaveLength(1);
    expect(served.errors).toHaveLength(1);
  });

  it('sends its requests once', async () => {
    const seen: (string | undefined)[] = [];
    const server = await upstream((request, response) => {
      seen.push(request.url);
      response.end();
    });
    const served = await start('rfanout', { component: 'allowed_outbound_hosts = ["http://127.0.0.1:*"]' });
    await ask(served.port, `/?url=${server.url}/a&url=${server.url}/b`);
    expect(seen.toSorted()).toEqual(['/a', '/b']);
    await server.close();
  });

  it('counts once in a store', async () => {
    const served = await start('skv', { component: 'key_value_stores = ["default"]' });
    expect((await ask(served.port, '/')).body).toBe('1\n');
  });

  it('appends once to a file', async () => {
    const served = await start('rfiles', {
      files: { 'site/a.txt': 'a' },
      component: 'files = [{ source = "site", destination = "/" }]',
      run: { writableMounts: true },
    });
    await ask(served.port, '/a.txt?append=b');
    expect((await ask(served.port, '/a.txt')).body).toBe('ab');
  });

  it('has a long answer without a gap or a piece twice', async () => {
    const served = await start('rchunks');
    const { body } = await ask(served.port, '/?count=20&size=30000');
    expect(body).toBe([...'abcdefghijklmnopqrst'].map((letter) => letter.repeat(30_000)).join(''));
  });
});
