import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GuestOutput } from './guest-output.ts';

let folder: string;
let echoed: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spindle-logs-'));
  echoed = [];
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const output = (options: Partial<ConstructorParameters<typeof GuestOutput>[0]> = {}): GuestOutput =>
  new GuestOutput({
    truncate: [],
    follow: 'all',
    echo: (bytes) => echoed.push(Buffer.from(bytes).toString()),
    ...options,
  });

const text = (file: string): Promise<string> => readFile(join(folder, 'logs', file), 'utf8');

it('appends what a component prints to a file per stream, made with its folder', async () => {
  for (const line of ['one\n', 'two\n']) {
    const run = output({ directory: join(folder, 'logs') });
    run.write('hello', 'stdout', Buffer.from(line));
    run.write('hello', 'stderr', Buffer.from(`!${line}`));
    await run.close();
  }
  expect([await text('hello_stdout.txt'), await text('hello_stderr.txt')]).toEqual(['one\ntwo\n', '!one\n!two\n']);
  expect(echoed).toHaveLength(4);
});

it('empties the files of the components it is told, whether or not they print', async () => {
  const first = output({ directory: join(folder, 'logs') });
  first.write('quiet', 'stdout', Buffer.from('old'));
  first.write('other', 'stdout', Buffer.from('old'));
  await first.close();
  await output({ directory: join(folder, 'logs'), truncate: ['quiet'] }).close();
  expect([await text('quiet_stdout.txt'), await text('other_stdout.txt')]).toEqual(['', 'old']);
});

it('echoes only the components that are followed', () => {
  const run = output({ follow: new Set(['a']) });
  run.write('a', 'stdout', Buffer.from('seen'));
  run.write('b', 'stdout', Buffer.from('unseen'));
  expect(echoed).toEqual(['seen']);
});

it('never writes beside its folder, whatever the component is called', async () => {
  const run = output({ directory: join(folder, 'logs') });
  run.write('../../x/y', 'stdout', Buffer.from('z'));
  await run.close();
  expect(await readdir(folder)).toEqual(['logs']);
  expect(await readdir(join(folder, 'logs'))).toEqual(['.._.._x_y_stdout.txt']);
});

it('names a folder that cannot be made', async () => {
  await writeFile(join(folder, 'file'), '');
  expect(() => output({ directory: join(folder, 'file', 'logs') })).toThrow(
    expect.objectContaining({ message: expect.stringContaining('cannot write to the log directory') }),
  );
});

it('goes on echoing when the files cannot be written any more', async () => {
  const run = output({ directory: join(folder, 'logs') });
  await rm(join(folder, 'logs'), { recursive: true });
  run.write('hello', 'stdout', Buffer.from('still'));
  await run.close();
  expect(echoed).toEqual(['still']);
});
