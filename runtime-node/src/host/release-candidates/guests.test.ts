// Guests of both release candidates through the linker: one that the SDK of 2023 made, and guests of today that ask for
// everything under the version of November, which differs in few functions.
import { parse, print } from '@bytecodealliance/jco';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fixture } from '../../../../test/guests/fixtures.ts';
import { toComponent } from '../../component/adapt/index.ts';
import { Peers } from '../http/testing/peers.ts';
import { realGuest, type RealGuest, type RealGuestOptions } from '../testing/real-guest.ts';

const peers = new Peers();

afterEach(() => peers.close());

describe('a guest of the SDK of Spin 2.1, of October 2023', () => {
  let guest: RealGuest;
  const options: RealGuestOptions = { metadata: { allowed_outbound_hosts: ['http://127.0.0.1:*'] } };

  beforeAll(async () => {
    guest = await realGuest(await toComponent(await fixture('s2-module')), options);
  });

  afterAll(() => guest[Symbol.asyncDispose]());

  it('answers', async () => {
    expect(await guest.text('/x')).toBe('hello /x\n');
  });

  it('sees method, scheme, authority, path and headers', async () => {
    const headers = [['x-a', '1'], ['x-b', '2']] as const; // prettier-ignore
    expect(await guest.text('/view?a=b', { method: 'PUT', headers })).toBe(
      'Method::Put Some(Scheme::Http) Some("localhost") /view?a=b\nx-a: 1\nx-b: 2\n',
    );
  });

  it('echoes a body as it comes', async () => {
    const body = 'spindle '.repeat(50_000);
    expect(await guest.text('/echo', { method: 'POST', body })).toBe(body);
  });

  it('fetches', async () => {
    const peer = await peers.http((incoming, response) => response.end(`${incoming.method} ${incoming.url}`));
    expect(await guest.text(`/fetch?http://${peer.authority}/p?q=1`)).toBe('200 GET /p?q=1\n');
  });

  it('is told why it may not fetch, as Spin words it', async () => {
    expect(await guest.text('/fetch?http://denied.example/')).toContain(
      'UnexpectedError("ErrorCode::HttpRequestDenied")',
    );
  });

  it('is told that nobody listens', async () => {
    expect(await guest.text('/fetch?http://127.0.0.1:1/')).toContain('ErrorCode::ConnectionRefused');
  });

  it('traps', async () => {
    expect((await guest.call('/trap')).failure).toBeInstanceOf(Error);
  });
});

/** The same guest, asking for the candidate. */
async function ofNovember(name: string): Promise<Uint8Array> {
  const text = await print(await fixture(name));
  return parse(text.replaceAll(/(wasi:[a-z]+\/[a-z-]+)@0\.2\.12/g, '$1@0.2.0-rc-2023-11-10'));
}

describe('a guest of November 2023', () => {
  it.each([
    ['rhello', '/', 200],
    ['rcompute', '/', 200],
    ['rhash', '/', 200],
    ['rfiles', '/nothing', 404],
    ['rtrap', '/', 200],
  ])('%s answers as that of today does', async (name, path, status) => {
    await using candidate = await realGuest(await ofNovember(name));
    await using today = await realGuest(await fixture(name));
    const answer = await candidate.ask(path);
    expect(answer).toEqual(await today.ask(path));
    expect(answer.status).toBe(status);
  });
});
