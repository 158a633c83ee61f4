// The access log of the real command: a line for each request, whoever answers it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appFolder, manifest } from '../../cli/src/testing/app-folder.ts';
import { fixture } from '../guests/fixtures.ts';

const EVENTUALLY = { interval: 50, timeout: 20_000 };
const TRACE = '0af7651916cd43dd8448eb211c80319c';

describe('the access log', () => {
  it('has a line for each request, without what may be secret', async () => {
    const folder = await appFolder({
      'spin.toml': manifest({ dump: { route: '/dump/...' } }),
      'dump.wasm': await fixture('rdump'),
    });
    const base = await folder.up(['--access-log', 'access.jsonl', '--threads', '2']).serving();
    const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;
    const { body } = await fetch(`${base}/dump/a?token=hunter2`, {
      headers: { traceparent, 'user-agent': 'tried/1', authorization: 'hunter2' },
    });
    const length = (await new Response(body).arrayBuffer()).byteLength;
    await (await fetch(`${base}/nowhere`)).arrayBuffer();
    await (await fetch(`${base}/.well-known/spin/health`)).arrayBuffer();
    const lines = async (): Promise<Record<string, unknown>[]> =>
      (await readFile(join(folder.path, 'access.jsonl'), 'utf8'))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    await expect.poll(async () => (await lines()).length, EVENTUALLY).toBe(3);
    const found = await lines();
    expect(found.find(({ path }) => path === '/dump/a')).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      client: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      method: 'GET',
      path: '/dump/a',
      status: 200,
      bytes: length,
      seconds: expect.any(Number),
      component: 'dump',
      route: '/dump/...',
      userAgent: 'tried/1',
      trace: TRACE,
    });
    expect(found.find(({ path }) => path === '/nowhere')).toMatchObject({ status: 404, bytes: 0 });
    expect(found.find(({ path }) => path === '/.well-known/spin/health')).toMatchObject({ status: 200, bytes: 2 });
    expect(JSON.stringify(found)).not.toContain('hunter2');
  });

  it('that cannot be written is refused by the name of its flag', async () => {
    const folder = await appFolder({
      'spin.toml': manifest({ dump: {} }),
      'dump.wasm': await fixture('rdump'),
    });
    const { code, stderr } = await folder.run(['up', '--access-log', 'no/such/folder/log']);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('--access-log') });
  });
});
