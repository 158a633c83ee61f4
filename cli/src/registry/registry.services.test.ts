// The real command against a real registry, each command in a process of its own, as a user and a cluster run them.
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type RunningRegistry, startDockerRegistry } from '../../../hack/services/docker-registry.ts';
import { fixture } from '../../../test/guests/fixtures.ts';
import { type AppFolder, appFolder, manifest } from '../testing/app-folder.ts';
import type { RunningSpindle } from '../testing/run-spindle.ts';

const USER = 'me';
const PASSWORD = 'correct horse';
/** Of that user and password; made with `htpasswd -nbB -C 5`. */
const HTPASSWD = 'me:$2b$05$Gtx9sDBHcE3aQtduH8FyvOccXG4d.egeu/NbHkRkKkpzht./FLTrC\n';

/** Two components, one with a folder and a single file, the other with a variable. */
async function shop(): Promise<AppFolder> {
  return appFolder({
    'spin.toml': manifest(
      {
        rfiles: {
          table: 'files = [{ source = "assets", destination = "/" }, "note.txt"]\nexclude_files = ["assets/draft.txt"]',
        },
        svars: {
          route: '/greeting',
          table: '[component.svars.variables]\ngreeting = "{{ word }}, world"',
        },
      },
      '[variables]\nword = { default = "Hello" }\n',
    ),
    'rfiles.wasm': await fixture('rfiles'),
    'svars.wasm': await fixture('svars'),
    'assets/index.html': '<h1>shop</h1>',
    'assets/deep/small.txt': 's',
    'assets/deep/large.bin': Buffer.alloc(300_000, 'large'),
    'assets/draft.txt': 'not for everyone',
    'note.txt': 'noted\n'.repeat(50),
  });
}

/** What a client sees of the app, headers of the moment aside. */
async function answers(running: RunningSpindle): Promise<unknown[]> {
  const url = await running.serving();
  const paths = ['/greeting', '/index.html', '/deep', '/deep/large.bin', '/note.txt', '/draft.txt', '/'];
  return Promise.all(
    paths.map(async (path) => {
      const response = await fetch(`${url}${path}`);
      return [path, response.status, await response.text()];
    }),
  );
}

const cached = async (folder: AppFolder): Promise<string[]> =>
  (await readdir(join(folder.path, 'cache'), { recursive: true }).catch(() => [])).filter((name) =>
    /[0-9a-f]{64}$/.test(name),
  );

describe('an open registry', () => {
  let registry: RunningRegistry;
  beforeAll(async () => {
    registry = await startDockerRegistry();
  });
  afterAll(() => registry.stop());

  const layersOf = async (name: string): Promise<string[]> => {
    const response = await fetch(`http://${registry.host}/v2/me/${name}/manifests/v1`, {
      headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
    });
    const { layers } = (await response.json()) as { layers: { mediaType: string }[] };
    return layers.map(({ mediaType }) => mediaType);
  };

  it.each([
    ['a layer for each file', 'files', {}, 2, 'application/vnd.wasm.content.layer.v1+data'],
    [
      'archive layers',
      'archives',
      { SPIN_OCI_ARCHIVE_LAYERS: '1' },
      1,
      'application/vnd.wasm.content.bundle.v1.tar+gzip',
    ],
  ])(
    'gives the app to an empty folder as it was where it was made, with %s',
    async (_how, name, env, count, mediaType) => {
      const made = await shop();
      const reference = `${registry.host}/me/${name}:v1`;
      const pushed = await made.run(['registry', 'push', reference, '--insecure'], { env });
      expect(pushed).toMatchObject({ code: 0, stderr: '' });
      expect(pushed.stdout).toMatch(/^Pushed with digest sha256:[0-9a-f]{64}\n$/);
      // Files of up to 128 bytes are in the locked app itself.
      const layers = await layersOf(name);
      expect(layers.filter((type) => type === 'application/vnd.wasm.content.layer.v1+wasm')).toHaveLength(2);
      expect(layers.filter((type) => type === mediaType)).toHaveLength(count);

      const elsewhere = await appFolder({});
      const here = made.up();
      const there = elsewhere.up(['-f', reference, '-k']);
      const expected = await answers(here);
      expect(expected).toEqual([
        ['/greeting', 200, 'Hello, world\n'],
        ['/index.html', 200, '<h1>shop</h1>'],
        ['/deep', 200, 'large.bin RegularFile\nsmall.txt RegularFile\n'],
        ['/deep/large.bin', 200, 'large'.repeat(60_000)],
        ['/note.txt', 200, 'noted\n'.repeat(50)],
        ['/draft.txt', 404, 'error no-entry\n'],
        ['/', 200, expect.stringContaining('index.html')],
      ]);
      expect(await answers(there)).toEqual(expected);
      // An app from a registry keeps no state where nobody asked for it.
      expect(await there.stop()).toMatchObject({
        code: 0,
        stderr: expect.stringMatching(/^Engine: reset by \w+, (?:up to )?\d+ threads?\n$/),
      });
      expect((await readdir(elsewhere.path)).toSorted()).toEqual(['cache', 'tmp']);
      expect(await readdir(join(elsewhere.path, 'tmp'))).toEqual([]);
    },
  );

  it('is not needed for a digest that was pulled, be it by tag', async () => {
    const gone = await startDockerRegistry();
    onTestFinished(() => gone.stop());
    const repository = `${gone.host}/me/pulled`;
    const [made, there] = [await shop(), await appFolder({})];
    const pushed = await made.run(['registry', 'push', `${repository}:v1`, '-k', '--annotation', 'made-by=tests']);
    const pulled = await there.run(['registry', 'pull', `${repository}:v1`, '-k']);
    expect(pulled).toEqual({ ...pushed, stdout: pushed.stdout.replace('Pushed', 'Pulled') });
    await gone.stop();
    const [digest = ''] = /sha256:\w+/.exec(pulled.stdout) ?? [];
    const running = there.up(['-f', `${repository}@${digest}`, '-k']);
    expect(await answers(running)).toEqual(await answers(made.up()));
    const byTag = await there.run(['up', '-f', `${repository}:v1`, '-k']);
    expect([byTag.code, byTag.stderr]).toEqual([1, expect.stringContaining('connection refused\n  SPK2003 at ')]);
  });

  it('is told from one that speaks HTTPS, with the flag to give', async () => {
    const folder = await shop();
    const reference = `${registry.host}/me/app:v1`;
    for (const args of [
      ['registry', 'push', reference],
      ['registry', 'pull', reference],
      ['up', '-f', reference],
    ]) {
      const { code, stderr } = await folder.run(args);
      expect(code).toBe(1);
      expect(stderr).toContain(`Error: cannot reach the registry ${registry.host}: `);
      expect(stderr).toContain('  SPK2003 at ');
      expect(stderr).toContain('--insecure');
    }
  });

  it('names what it does not have', async () => {
    const { run } = await appFolder({});
    const { code, stderr } = await run(['up', '-k', '-f', `${registry.host}/me/nothing:v9`]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Error: the registry has no .*v9.*\n {2}SPK2007 at /);
  });

  it.each([
    ['that nothing has', `@sha256:${'0'.repeat(64)}`, 'SPK2007'],
    ['that is cut', '@sha256:12', 'SPK2001'],
  ])('refuses a digest %s', async (_which, digest, expected) => {
    const { run } = await appFolder({});
    const { code, stderr } = await run(['registry', 'pull', '-k', `${registry.host}/me/nothing${digest}`]);
    expect([code, stderr]).toEqual([1, expect.stringContaining(expected)]);
  });

  it('cannot have an app run that it did not store whole', async () => {
    const made = await shop();
    const reference = `${registry.host}/me/damaged:v1`;
    await made.run(['registry', 'push', reference, '-k']);
    const there = await appFolder({});
    await there.run(['registry', 'pull', reference, '-k']);
    // One byte of one file in the cache differs; the registry has the right one.
    const [first = ''] = (await cached(there)).filter((name) => name.includes('/data/'));
    const path = join(there.path, 'cache', first);
    const right = await readFile(path);
    await rm(path);
    await there.write(join('cache', first), Buffer.concat([right.subarray(1), Buffer.from('!')]));
    expect(await answers(there.up(['-f', reference, '-k']))).toEqual(await answers(made.up()));
    expect(await readFile(path)).toEqual(right);
  });
});

describe('a registry with passwords', () => {
  let registry: RunningRegistry;
  beforeAll(async () => {
    registry = await startDockerRegistry({ htpasswd: HTPASSWD });
  });
  afterAll(() => registry.stop());

  const login = (folder: AppFolder, password: string[], input?: string): ReturnType<AppFolder['run']> =>
    folder.run(
      ['registry', 'login', registry.host, '-k', '-u', USER, ...password],
      input === undefined ? {} : { input },
    );

  it('sends strangers to the login', async () => {
    const folder = await shop();
    const reference = `${registry.host}/me/app:v1`;
    for (const args of [
      ['registry', 'push', reference, '-k'],
      ['registry', 'pull', reference, '-k'],
      ['up', '-k', '-f', reference],
    ]) {
      const { code, stderr } = await folder.run(args);
      expect(code).toBe(1);
      expect(stderr).toContain('SPK2005');
      expect(stderr).toContain(`spindle registry login ${registry.host}`);
    }
  });

  it('refuses a wrong password and keeps nothing', async () => {
    const folder = await appFolder({});
    const { code, stderr } = await login(folder, ['-p', 'wr0ng']);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `Error: the registry ${registry.host} does not accept the password of user "${USER}"\n  SPK2019`,
    );
    expect(stderr).not.toContain('wr0ng');
    expect(await readdir(folder.path)).toEqual(['tmp']);
  });

  it.each([
    ['--password', ['-p', PASSWORD], undefined],
    ['standard input', ['--password-stdin'], `${PASSWORD}\n`],
  ])('takes a password from %s, and from then on pushes, pulls and runs', async (_from, password, input) => {
    const folder = await shop();
    expect(await login(folder, password, input)).toEqual({
      code: 0,
      signal: null,
      stdout: `Logged in to ${registry.host} as ${USER}\n`,
      stderr: '',
    });
    const reference = `${registry.host}/me/app:v1`;
    expect(await folder.run(['registry', 'push', reference, '-k'])).toMatchObject({ code: 0 });
    const running = folder.up(['-k', '-f', reference]);
    expect(await running.get('/greeting')).toBe('Hello, world\n');
  });

  it('is not asked when the flags of a login contradict each other', async () => {
    const folder = await appFolder({});
    const { code, stderr } = await login(folder, ['-p', PASSWORD, '--password-stdin']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--password and --password-stdin exclude each other')]);
  });
});
