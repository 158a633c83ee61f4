// CPython as a guest, on plain WASI: streams, files, environment, random numbers and the standard streams.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, BodyReader, open, responseTo } from './client.ts';
import { serveGuest, type ServedGuest } from './serve-guest.ts';

let served: ServedGuest;

beforeAll(async () => {
  served = await serveGuest('pyhello', {
    files: { 'site/a.txt': 'a file\n', 'site/sub/b.txt': 'another\n', 'secret.txt': 'not mounted\n' },
    component: 'environment = { NAME = "caf\u00e9" }\nfiles = [{ source = "site", destination = "/" }]',
  });
});

afterAll(() => served?.stop());

const bodyOf = async (path: string): Promise<string | undefined> => (await ask(served.port, path)).body;

describe('a guest in Python', () => {
  it.each([
    ['/', 'Hello from Python!\n'],
    ['/env/NAME', 'caf\u00e9\n'],
    ['/env/PATH', 'none\n'],
    ['/file/a.txt', 'a file\n'],
    ['/file/sub/b.txt', 'another\n'],
    ['/file/none.txt', 'error No such file or directory\n'],
    ['/list/', 'a.txt sub\n'],
    ['/list/none', 'error No such file or directory\n'],
    ['/stream?3', 'line 0\nline 1\nline 2\n'],
  ])('answers %s', async (path, body) => {
    expect(await ask(served.port, path)).toMatchObject({ status: 200, body });
  });

  it('reads no file that is not mounted', async () => {
    expect(await bodyOf('/file/../secret.txt')).toMatch(/^error /);
    expect(await bodyOf('/file//etc/passwd')).toMatch(/^error /);
  });

  it('streams a request back piece by piece', async () => {
    const client = open(served.port, '/echo', { method: 'POST' });
    client.write('one');
    const reader = new BodyReader(await responseTo(client));
    expect(await reader.until(3)).toBe('one');
    client.write('two');
    expect(await reader.until(6)).toBe('onetwo');
    client.end();
    expect(await reader.whole()).toBe('whole');
  });

  it('is a new one for each request, also for many that wait at once', async () => {
    const streams = Array.from({ length: 5 }, () => bodyOf('/stream?2'));
    const counts = await Promise.all(Array.from({ length: 5 }, () => bodyOf('/state')));
    expect(new Set(counts)).toEqual(new Set(['1\n']));
    expect(new Set(await Promise.all(streams))).toEqual(new Set(['line 0\nline 1\n']));
  });

  // The interpreter was started when the component was built: its numbers would repeat if nothing stirred them.
  it('draws numbers of its own in each request', async () => {
    const numbers = await Promise.all(Array.from({ length: 5 }, () => bodyOf('/random')));
    expect(new Set(numbers.map((text) => text?.split(' ')[0])).size).toBe(5);
  });

  it('prints to its own output, also why it failed', async () => {
    expect(await bodyOf('/print')).toBe('printed\n');
    expect(served.output()).toContain('to the output\n');
    expect(served.output()).toContain('to the error output\n');
    expect((await ask(served.port, '/throw')).status).toBe(500);
    expect(served.output()).toContain('RuntimeError: the guest was told to fail');
    expect(served.errors.at(-1)).toMatch(/^Error processing request, component pyhello: /);
  });
});
