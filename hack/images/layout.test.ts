import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { named, writeArchive, writeLayout } from './layout.ts';
import { addImage, addIndex, addReferrer, compressed, layerOf, type Blobs, type Descriptor } from './oci.ts';
import { tar } from './tar.ts';

const NAME = 'registry.example/app:v1';

function image(blobs: Blobs, architecture: string): Descriptor {
  const archive = tar([{ kind: 'file', path: 'machine', content: Buffer.from(architecture) }]);
  const gzipped = compressed(archive);
  const layer = layerOf(archive, gzipped, 'a test');
  blobs.set(layer.descriptor.digest, gzipped);
  const config = { Entrypoint: ['/run'], Env: [], User: '65532:65532', WorkingDir: '/', Labels: { title: 'test' } };
  return addImage(blobs, architecture, [layer], config, '1970-01-01T00:00:00Z');
}

interface Found {
  readonly digest: string;
  readonly size: number;
}

/** Everything that a blob names, and what it names. */
function descriptorsIn(value: unknown): Found[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  const own = value as Partial<Found>;
  const found = Object.values(value).flatMap((part) => descriptorsIn(part));
  return typeof own.digest === 'string' ? [own as Found, ...found] : found;
}

describe('an image on disk', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'layout-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('has every blob that is named, by its digest and with its size, and none beside', async () => {
    const blobs: Blobs = new Map();
    const manifests = ['amd64', 'arm64'].map((name) => image(blobs, name));
    const index = addIndex(blobs, manifests, {});
    const referrer = addReferrer(blobs, manifests[0] as Descriptor, 'application/spdx+json', Buffer.from('{}'));
    image(blobs, 'of nobody');
    const layout = join(folder, 'layout');
    await writeLayout(layout, blobs, [named(index, NAME), referrer]);
    const read = (digest: string): Buffer => readFileSync(join(layout, 'blobs', digest.replace(':', '/')));
    const seen = new Set<string>();
    const look = (value: unknown): void => {
      for (const { digest, size } of descriptorsIn(value)) {
        const content = read(digest);
        expect([`sha256:${hash('sha256', content)}`, content.length]).toEqual([digest, size]);
        if (!seen.has(digest)) {
          seen.add(digest);
          if (content[0] === '{'.charCodeAt(0)) {
            look(JSON.parse(content.toString()));
          }
        }
      }
    };
    look(JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')));
    expect([...seen].map((digest) => digest.replace('sha256:', '')).toSorted()).toEqual(
      readdirSync(join(layout, 'blobs/sha256')).toSorted(),
    );
  });

  it('is the same archive each time it is written', async () => {
    for (const file of ['one', 'other']) {
      const blobs: Blobs = new Map();
      await writeArchive(join(folder, file), blobs, named(image(blobs, 'amd64'), NAME));
    }
    expect(readFileSync(join(folder, 'one')).equals(readFileSync(join(folder, 'other')))).toBe(true);
  });

  it('as an archive has a description for Docker, whose files are in it', async () => {
    const blobs: Blobs = new Map();
    await writeArchive(join(folder, 'a.tar'), blobs, named(image(blobs, 'amd64'), NAME));
    execFileSync('tar', ['-xf', 'a.tar'], { cwd: folder });
    const [described] = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as [
      { Config: string; RepoTags: string[]; Layers: string[] },
    ];
    expect(described.RepoTags).toEqual([NAME]);
    const config = JSON.parse(readFileSync(join(folder, described.Config), 'utf8')) as { architecture: string };
    expect(config.architecture).toBe('amd64');
    expect(described.Layers.map((path) => readFileSync(join(folder, path)).subarray(0, 2).toString('hex'))).toEqual([
      '1f8b',
    ]);
  });
});
