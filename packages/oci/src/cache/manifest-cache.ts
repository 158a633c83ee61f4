// What was last pulled under a reference: `<cache>/spin/registry/manifests/<registry>/<repository>/<tag or digest>/` with
// `manifest.json` and `config.json` (the locked app), as Spin lays them out (spin-contract.md §2.2). Whoever
// reads must check the digest: a tag's files are those of the last pull, and Spin writes its own rendering.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileTrouble } from '../errors.ts';
import { isMissing } from '../file-errors.ts';
import type { Reference } from '../reference.ts';
import { writeFileAtomically } from './atomic-file.ts';

export type ManifestFile = 'manifest.json' | 'config.json';

export class ManifestCache {
  readonly #root: string;

  /** `root` as of the content cache: `<cache>/spin/registry`. */
  constructor(root: string) {
    this.#root = join(root, 'manifests');
  }

  async read(reference: Reference, file: ManifestFile): Promise<Buffer | undefined> {
    const path = join(this.#directory(reference), file);
    try {
      return await readFile(path);
    } catch (cause) {
      if (isMissing(cause)) {
        return undefined;
      }
      throw fileTrouble(path, 'read the content cache', cause);
    }
  }

  async write(reference: Reference, file: ManifestFile, bytes: Uint8Array): Promise<void> {
    const directory = this.#directory(reference);
    const path = join(directory, file);
    try {
      await mkdir(directory, { recursive: true });
      await writeFileAtomically(path, bytes);
    } catch (cause) {
      throw fileTrouble(path, 'write to the content cache', cause);
    }
  }

  /** The grammar of references allows no `..` and no empty part, so this cannot leave the root. */
  #directory({ registry, repository, tag, digest }: Reference): string {
    return join(this.#root, registry, repository, digest ?? tag ?? 'latest');
  }
}
