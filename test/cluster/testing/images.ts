// The images of this checkout, as hack/images makes them for a release, or those that SPINDLE_TEST_IMAGES names: archives or
// folders in OCI layout, separated by colons.
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

export { RUNTIME_IMAGE } from '../../../operator/src/operations/release.ts';

const BUILD = resolve(import.meta.dirname, '../../../hack/images/build.ts');

/** Paths of archives or layouts; what is made goes into `folder`. */
export async function builtImages(folder: string): Promise<string[]> {
  const given = process.env['SPINDLE_TEST_IMAGES'];
  if (given !== undefined && given !== '') {
    return given.split(':');
  }
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  await promisify(execFile)(process.execPath, [BUILD, '--arch', architecture, '--out', folder]);
  return ['operator', 'runtime'].map((image) => join(folder, `${image}-${architecture}.tar`));
}
