// How `up` ends, and that it takes its temporary files along.
import { readdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fixture } from '../../../test/guests/fixtures.ts';
import { type AppFolder, appFolder, manifest } from '../testing/app-folder.ts';

async function appWith(guest: string, head = ''): Promise<AppFolder> {
  return appFolder({
    'spin.toml': manifest({ guest: { table: 'files = ["note.txt"]' } }, head),
    'guest.wasm': await fixture(guest),
    'note.txt': 'noted',
  });
}

const leftIn = (folder: AppFolder): Promise<string[]> => readdir(join(folder.path, 'tmp'));

describe('a signal', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('lets a running request finish, takes no new one (%s)', async (signal) => {
    const folder = await appWith('rchunks');
    const running = folder.up();
    const url = await running.serving();
    expect(await leftIn(folder)).toEqual([expect.stringMatching(/^spinup-/)]);
    const response = await fetch(`${url}/?count=3&size=5&ms=100`);
    const stopped = running.stop(signal);
    expect(await response.text()).toBe('aaaaabbbbbccccc');
    expect(await stopped).toMatchObject({ code: 0 });
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    expect(await leftIn(folder)).toEqual([]);
  });

  it('ends what is still running when the time to drain is over', async () => {
    const running = (await appWith('rnever')).up(['--shutdown-timeout', '0.2']);
    const url = await running.serving();
    const answer = fetch(`${url}/?hang`).then(
      ({ status }) => status,
      () => 'cut',
    );
    await fetch(`${url}/.well-known/spin/health`);
    expect(await running.stop()).toMatchObject({ code: 0 });
    expect([500, 'cut']).toContain(await answer);
  });

  it.each([
    ['SIGTERM', 'SIGINT', 130],
    ['SIGINT', 'SIGTERM', 143],
  ] as const)('after %s, %s ends at once', async (first, second, code) => {
    const folder = await appWith('rchunks');
    const running = folder.up();
    const url = await running.serving();
    const response = await fetch(`${url}/?count=2&size=5&ms=60000`);
    running.child.kill(first);
    const isOpen = (): Promise<boolean> =>
      fetch(url, { method: 'HEAD' }).then(
        () => true,
        () => false,
      );
    await expect.poll(isOpen).toBe(false);
    const cut = response.text().catch((error: Error) => error.message);
    expect(await running.stop(second)).toMatchObject({ code });
    expect(await cut).toBe('terminated');
    expect(await leftIn(folder)).toEqual([]);
  });

  it('during the start ends it without an error', async () => {
    const { server, asked } = await silentServer();
    const folder = await appWith('rhello');
    const { port } = server.address() as AddressInfo;
    const running = folder.up(['-f', `127.0.0.1:${port}/me/app:v1`, '--insecure']);
    await asked;
    expect(await running.stop()).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    expect(await leftIn(folder)).toEqual([]);
  });
});

/** A registry that takes requests and never answers. */
async function silentServer(): Promise<{ server: Server; asked: Promise<void> }> {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const server = createServer(() => resolve());
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { server, asked };
}

describe('temporary files', () => {
  it('are gone after a start that failed late', async () => {
    const folder = await appWith('rhello', '[[trigger.sonar]]\ncomponent = "guest"\n');
    const { code, stderr } = await folder.run(['up']);
    expect([code, stderr]).toEqual([1, expect.stringContaining("No built-in trigger named 'sonar'")]);
    expect(await leftIn(folder)).toEqual([]);
  });

  it('are kept where --temp says', async () => {
    const folder = await appWith('rhello');
    const running = folder.up(['--temp', 'work']);
    await running.serving();
    expect(await leftIn(folder)).toEqual([]);
    await running.stop();
    expect(await readdir(join(folder.path, 'work'), { recursive: true })).toContainEqual(
      expect.stringMatching(/note\.txt$/),
    );
  });
});
