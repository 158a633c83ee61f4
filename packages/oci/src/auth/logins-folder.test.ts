import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { storedCredentials } from './stored-credentials.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spindle-logins-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const config = (server: string, user: string): string =>
  JSON.stringify({ auths: { [server]: { auth: Buffer.from(`${user}:secret`).toString('base64') } } });

const lookUp = (server: string): ReturnType<ReturnType<typeof storedCredentials>> =>
  storedCredentials(
    { authFile: join(folder, 'none'), dockerConfig: join(folder, 'none') },
    { SPINDLE_REGISTRY_LOGINS: folder },
  )(server);

test('every pull secret of a pod is asked, in order, and what Kubernetes keeps beside them is not', async () => {
  await writeFile(join(folder, '0.json'), config('one.example', 'first'));
  await writeFile(join(folder, '1.json'), config('two.example', 'second'));
  await writeFile(join(folder, '..data'), 'not for us');

  expect((await lookUp('two.example')).credentials).toMatchObject({ username: 'second', password: 'secret' });
  expect((await lookUp('one.example')).credentials).toMatchObject({ username: 'first' });
});

test('a secret that changes is read anew', async () => {
  await writeFile(join(folder, '0.json'), config('one.example', 'old'));
  const before = await lookUp('one.example');
  await writeFile(join(folder, '0.json'), config('one.example', 'new'));

  expect([before, await lookUp('one.example')]).toMatchObject([
    { credentials: { username: 'old' } },
    { credentials: { username: 'new' } },
  ]);
});

test('one that is no configuration does not hide the others, and is told without its content', async () => {
  await writeFile(join(folder, '0.json'), 'p4ssw0rd');
  await writeFile(join(folder, '1.json'), config('one.example', 'good'));

  const found = await lookUp('one.example');
  expect(found.credentials).toMatchObject({ username: 'good' });
  expect(JSON.stringify(found.problems)).not.toContain('p4ssw0rd');
});

test('a folder that is not there leaves the other places', async () => {
  await rm(folder, { recursive: true });
  expect((await lookUp('one.example')).problems).toEqual([`${folder}: cannot be read`]);
});
