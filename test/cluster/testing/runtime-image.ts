// The image of Spindle's runtime that the suite's pods run: the one that SPINDLE_TEST_RUNTIME_IMAGE names (an OCI archive or
// a folder in OCI layout, called as RUNTIME_IMAGE says), else the pinned Node with the bundled command line of this checkout.
import { execFile } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { writeImageArchive } from '../../../hack/cluster/oci-archive.ts';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../../..');

export const RUNTIME_IMAGE = 'localhost/spindle:test';

/** Path of an archive or layout; what is made goes into `folder`. */
export async function runtimeImage(folder: string): Promise<string> {
  const given = process.env['SPINDLE_TEST_RUNTIME_IMAGE'];
  if (given !== undefined && given !== '') {
    return given;
  }
  await run(process.execPath, [join(ROOT, 'hack/bundle.ts'), '--if-stale']);
  const node = createRequire(import.meta.url).resolve(`node-linux-${process.arch}/bin/node`);
  const rootfs = join(folder, 'rootfs');
  for (const [from, to] of [
    [node, 'usr/local/bin/node'],
    [join(ROOT, 'cli/package.json'), 'spindle/package.json'],
    [join(ROOT, 'cli/dist'), 'spindle/dist'],
    ...(await librariesOf(node)).map((path) => [path, path]),
  ] as const) {
    await mkdir(dirname(join(rootfs, to)), { recursive: true });
    await cp(from, join(rootfs, to), { recursive: true, dereference: true });
  }
  const archive = join(folder, 'runtime.tar');
  await writeImageArchive(archive, RUNTIME_IMAGE, rootfs, {
    Entrypoint: ['/usr/local/bin/node', '/spindle/dist/main.cjs'],
    User: '65532:65532',
  });
  return archive;
}

/** Of this machine, at the paths where the program looks for them. */
async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await run('ldd', [program]);
  return [...stdout.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map(([, path = '']) => path);
}
