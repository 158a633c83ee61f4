// The bundle that hack/bundle.ts makes, and the launcher's choice between it and the sources.
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { fixture } from '../../test/guests/fixtures.ts';
import { appFolder, manifest } from './testing/app-folder.ts';
import { BIN } from './testing/run-spindle.ts';

const { isFresh } = createRequire(import.meta.url)('../bin/bundle.js') as { isFresh(cli?: string): boolean };
const SOURCE = 'src/main.ts';

describe('a bundle', () => {
  let cli: string;
  beforeEach(async () => {
    const { path, write } = await appFolder({ 'cli/src/main.ts': 'one', 'cli/dist/main.cjs': '' });
    cli = join(path, 'cli');
    const { size, mtimeMs } = await stat(join(cli, SOURCE));
    await write('cli/dist/sources.json', JSON.stringify([[`cli/${SOURCE}`, size, mtimeMs]]));
  });

  it('is run while its sources are those that it was made from', () => {
    expect(isFresh(cli)).toBe(true);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['a source has another size', () => writeFile(join(cli, SOURCE), 'other')],
    ['a source was written later', () => utimes(join(cli, SOURCE), new Date(), new Date(Date.now() + 1_000))],
    ['a source was written earlier', () => utimes(join(cli, SOURCE), new Date(0), new Date(0))],
    ['it is not there', () => rm(join(cli, 'dist'), { recursive: true })],
  ])('is not run when %s', async (_, change) => {
    await change();
    expect(isFresh(cli)).toBe(false);
  });

  it('is not run when one of its sources is gone', async () => {
    await writeFile(join(cli, 'dist/sources.json'), JSON.stringify([['src/gone.ts', 1, 1]]));
    expect(isFresh(cli)).toBe(false);
  });

  it('is run where there are no sources', async () => {
    await rm(join(cli, 'src'), { recursive: true });
    expect(isFresh(cli)).toBe(true);
  });
});

it('bundles a command line that needs no source and no dependency', async () => {
  const app = await appFolder({ 'spin.toml': manifest({ hello: {} }), 'hello.wasm': await fixture('rhello') });
  const cli = join(app.path, 'installed');
  await mkdir(cli);
  await cp(join(BIN, '..'), join(cli, 'bin'), { recursive: true });
  await cp(join(BIN, '../../package.json'), join(cli, 'package.json'));
  const out = join(cli, 'dist');
  await promisify(execFile)(process.execPath, [join(BIN, '../../../hack/bundle.ts'), 'cli', '--out', out]);
  const code = await Promise.all((await readdir(out)).map((name) => readFile(join(out, name), 'utf8')));
  expect(code.filter((text) => /[^\0-\x7f]/.test(text))).toEqual([]);
  const running = app.up([], { bin: join(cli, 'bin/spindle.js') });
  expect(await running.get('/')).toBe('Hello from Rust!\n');
  expect(await running.stop()).toMatchObject({ code: 0 });
});
