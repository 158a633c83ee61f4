import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../testing/temp-dir.ts';
import { everythingIn, userError } from '../testing/thrown.ts';
import { spinAuthFile, storeInSpinAuthFile } from './spin-auth-file.ts';

const SECRET = 's3cret:with:colons';

test('what is stored is found again, by the exact name of the server', async () => {
  const path = join(await tempDir(), 'fermyon', 'registry-auth.json');
  await storeInSpinAuthFile(path, 'ghcr.io', 'me', SECRET);
  const source = spinAuthFile(path);
  expect(await source('ghcr.io')).toEqual({
    credentials: { kind: 'password', username: 'me', password: SECRET, from: path },
    problems: [],
  });
  expect(await source('ghcr.io:443')).toEqual({ problems: [] });
});

test('the file has Spin’s form, and an entry that Spin wrote stays', async () => {
  const path = join(await tempDir(), 'registry-auth.json');
  await writeFile(path, '{"auths":{"ghcr.io":"dTpw"}}');
  await storeInSpinAuthFile(path, 'localhost:5000', 'me', 'pw');
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
    auths: { 'ghcr.io': 'dTpw', 'localhost:5000': 'bWU6cHc=' },
  });
});

test('only the owner can read it, also when an older file was open to all, and nothing else is left behind', async () => {
  const directory = join(await tempDir(), 'fermyon');
  const path = join(directory, 'registry-auth.json');
  await mkdir(directory);
  await writeFile(path, '{"auths":{}}');
  await chmod(path, 0o644);
  await storeInSpinAuthFile(path, 'ghcr.io', 'me', SECRET);
  expect(((await stat(path)).mode & 0o777).toString(8)).toBe('600');
  expect(await readdir(directory)).toEqual(['registry-auth.json']);
});

test('a file that does not exist has no credentials and is no problem', async () => {
  expect(await spinAuthFile(join(await tempDir(), 'none.json'))('ghcr.io')).toEqual({ problems: [] });
});

test.each([
  ['is not JSON', `{"auths":{"ghcr.io":"${SECRET}`],
  ['is another document', `["${SECRET}"]`],
  ['has auths of another type', `{"auths":"${SECRET}"}`],
  ['has a value of another type', `{"auths":{"ghcr.io":{"auth":"${SECRET}"}}}`],
])('a file that %s is named but not quoted, and a login does not overwrite it', async (_, text) => {
  const path = join(await tempDir(), 'registry-auth.json');
  await writeFile(path, text);
  const found = await spinAuthFile(path)('ghcr.io');
  expect(found.credentials).toBeUndefined();
  expect(found.problems.join()).not.toContain('s3cret');
  const error = await userError(() => storeInSpinAuthFile(path, 'ghcr.io', 'me', 'other'));
  expect([error.code, error.place.file]).toEqual(['SPK2018', path]);
  expect(everythingIn(error)).not.toContain('s3cret');
  expect(await readFile(path, 'utf8')).toBe(text);
});

test('an entry that is not user:password is a problem, told without its value', async () => {
  const path = join(await tempDir(), 'registry-auth.json');
  await writeFile(path, `{"auths":{"ghcr.io":"${Buffer.from('s3cret').toString('base64')}"}}`);
  const found = await spinAuthFile(path)('ghcr.io');
  expect(found.problems).toEqual([`${path}: the entry of ghcr.io is not base64 of user:password`]);
});
