// The whole way of a newcomer, with nothing installed but npm: an application from a template, built, served, pushed to
// a registry, and served from there elsewhere. npm fetches what the template names.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningRegistry, startDockerRegistry } from '../../hack/services/docker-registry.ts';
import { appFolder } from './testing/app-folder.ts';

/** npm fetches 190 MB, and the engine of JavaScript is started once to be frozen. */
const BUILD_MS = 600_000;

let registry: RunningRegistry;
beforeAll(async () => {
  registry = await startDockerRegistry();
});
afterAll(() => registry.stop());

it.each([
  ['http-js', '/hello/world', 'Hello, world!\n'],
  ['http-ts', '/hello/world', 'Hello, world!\n'],
])(
  '%s: new, build, up, push, and up of what was pushed',
  async (template, path, text) => {
    const folder = await appFolder({});
    expect(await folder.run(['new', template, 'hello', '--accept-defaults'])).toMatchObject({ code: 0, stderr: '' });
    const cwd = join(folder.path, 'hello');
    // npm's own cache, which the test's home would hide.
    const env = { npm_config_cache: process.env['npm_config_cache'] ?? join(process.env['HOME'] ?? '', '.npm') };
    const built = await folder.run(['build'], { cwd, env });
    expect(built).toMatchObject({ code: 0, stderr: expect.stringContaining('Finished building') });
    expect(await folder.up([], { cwd }).get(path)).toBe(text);

    const reference = `${registry.host}/me/${template}:v1`;
    const pushed = await folder.run(['registry', 'push', reference, '--insecure'], { cwd });
    expect(pushed).toMatchObject({ code: 0, stderr: '' });
    const elsewhere = await appFolder({});
    expect(await elsewhere.up(['-f', reference, '--insecure']).get(path)).toBe(text);
    expect((await readdir(elsewhere.path)).toSorted()).toEqual(['cache', 'tmp']);
  },
  BUILD_MS,
);

it(
  'a JavaScript program that is wrong fails the build, and what was built before stays',
  async () => {
    const folder = await appFolder({});
    await folder.run(['new', 'http-js', 'hello', '-a', '-v', 'http-router=none']);
    const cwd = join(folder.path, 'hello');
    const env = { npm_config_cache: process.env['npm_config_cache'] ?? join(process.env['HOME'] ?? '', '.npm') };
    for (const source of ['const x = ;', 'throw new Error("while it was frozen");']) {
      await folder.write('hello/src/index.js', source);
      const { code, stderr } = await folder.run(['build'], { cwd, env });
      expect([code, stderr]).toEqual([1, expect.stringContaining('Build command for component hello failed')]);
      expect(await readdir(cwd)).not.toContain('dist');
    }
  },
  BUILD_MS,
);
