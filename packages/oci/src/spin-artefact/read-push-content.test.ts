import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { LockedApp } from '@spindle/api';
import { digestOf } from '../digest.ts';
import { wasm } from '../testing/image.ts';
import { ASSETS } from '../testing/spin-push.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { userError } from '../testing/thrown.ts';
import { readPushContent } from './read-push-content.ts';

const url = (path: string): string => pathToFileURL(path).href;

async function app(): Promise<{ directory: string; locked: LockedApp }> {
  const directory = await tempDir();
  for (const [name, bytes] of Object.entries(ASSETS)) {
    await mkdir(join(directory, 'assets/sub'), { recursive: true });
    await writeFile(join(directory, 'assets', name), bytes);
  }
  await writeFile(join(directory, 'main.wasm'), wasm('main'.repeat(100)));
  await writeFile(join(directory, 'dep.wat'), '(component)');
  const locked: LockedApp = {
    spin_lock_version: 0,
    triggers: [],
    components: [
      {
        id: 'main',
        source: { content_type: 'application/wasm', source: url(join(directory, 'main.wasm')) },
        dependencies: {
          'a:b': {
            source: { content_type: 'application/wasm', source: url(join(directory, 'dep.wat')) },
            export: null,
          },
        },
        files: [{ source: url(join(directory, 'assets')), path: '/' }],
      },
    ],
  };
  return { directory, locked };
}

test('all contents become facts; only small ones are kept', async () => {
  const { directory, locked } = await app();
  const content = await readPushContent(locked);
  expect([...content.wasm.values()]).toEqual([
    { path: join(directory, 'main.wasm'), digest: digestOf(wasm('main'.repeat(100))), size: 408, inline: undefined },
    {
      path: join(directory, 'dep.wat'),
      digest: digestOf(Buffer.from('(component)')),
      size: 11,
      inline: Buffer.from('(component)'),
    },
  ]);
  expect(content.mounts.get(url(join(directory, 'assets')))).toEqual(
    Object.entries(ASSETS).map(([name, bytes]) => ({
      name,
      path: join(directory, 'assets', name),
      digest: digestOf(bytes),
      size: bytes.byteLength,
      inline: bytes.byteLength <= 128 ? bytes : undefined,
    })),
  );
});

test('a mount may be a single file', async () => {
  const { directory, locked } = await app();
  const file = url(join(directory, 'assets/small.txt'));
  const [component] = locked.components;
  const content = await readPushContent({
    ...locked,
    components: component === undefined ? [] : [{ ...component, files: [{ source: file, path: 'x.txt' }] }],
  });
  expect(content.mounts.get(file)?.map(({ name }) => name)).toEqual(['']);
});

describe('a push is refused before anything is sent', () => {
  test.each([
    ['main.wasm', 'Component main source is not a valid .wasm file'],
    ['dep.wat', 'dependency a:b for component main is not a valid .wasm file'],
  ])('when %s is not Wasm', async (name, message) => {
    const { directory, locked } = await app();
    await writeFile(join(directory, name), 'not a wasm file');
    const error = await userError(() => readPushContent(locked));
    expect([error.code, error.message, error.place.file]).toEqual(['SPK2016', message, join(directory, name)]);
  });

  test('when a link is among the files', async () => {
    const { directory, locked } = await app();
    await symlink('/etc/passwd', join(directory, 'assets/sub/link'));
    const error = await userError(() => readPushContent(locked));
    expect([error.code, error.place.file]).toEqual(['SPK2022', join(directory, 'assets/sub/link')]);
  });

  test.each([
    [{ digest: 'sha256:0' }, 'component main is not a file of this machine'],
    [{ source: 'https://example.com/x.wasm' }, 'component main is not a file of this machine'],
  ])('when a content is not on this machine: %j', async (ref, message) => {
    const { locked } = await app();
    const [component] = locked.components;
    const components =
      component === undefined ? [] : [{ ...component, source: { content_type: 'application/wasm', ...ref } }];
    expect((await userError(() => readPushContent({ ...locked, components }))).message).toContain(message);
  });

  test('when a file is not there', async () => {
    const { locked } = await app();
    const [component] = locked.components;
    const components =
      component === undefined ? [] : [{ ...component, files: [{ source: 'file:///no/such/folder', path: '/' }] }];
    const error = await userError(() => readPushContent({ ...locked, components }));
    expect([error.code, error.place.file]).toEqual(['SPK2014', '/no/such/folder']);
  });
});
