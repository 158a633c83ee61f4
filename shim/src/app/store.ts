// The applications that this node has read out of containerd: a folder for each image's digest, written once, mounted read-only
// into each of its containers and into no other's. What has not been used for longest goes when there is too much.
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatReference, parseReference, pullApp } from '@spindle/oci';
import { isUsed, noteUse } from './uses.ts';

export interface StoreOptions {
  readonly folder: string;
  /** Of uses.ts. */
  readonly uses: string;
  readonly maxBytes: number;
  readonly now: () => Date;
}

export interface StoredApp {
  /** To be mounted: the cache of registry content that the runtime looks into. */
  readonly folder: string;
  /** By which it finds the application there. */
  readonly reference: string;
  readonly variables: readonly string[];
  readonly isCommand: boolean;
}

interface Facts extends Omit<StoredApp, 'folder'> {
  readonly bytes: number;
}

/** The image's name as a reference by digest; a name that is none, as `ctr` allows, gets another. */
export function referenceFor(image: string, digest: string): string {
  try {
    return formatReference({ ...parseReference(image), tag: undefined, digest });
  } catch {
    // expected: only the digest tells what is read.
    return `localhost/app@${digest}`;
  }
}

export class AppStore {
  readonly #options: StoreOptions;
  readonly #making = new Map<string, Promise<Facts>>();

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  /** `fetch` answers for containerd's content store. The use is noted before anything could make room of it. */
  async get(
    image: { name: string; digest: string },
    container: string,
    fetch: typeof globalThis.fetch,
  ): Promise<StoredApp> {
    const { folder, uses, now } = this.#options;
    const name = image.digest.replace('sha256:', '');
    noteUse(uses, name, container);
    const place = join(folder, name);
    const made = this.#making.get(name) ?? this.#make(place, image, fetch);
    this.#making.set(name, made);
    try {
      const facts = await made;
      await utimes(place, now(), now());
      return { ...facts, folder: join(place, 'content') };
    } finally {
      this.#making.delete(name);
    }
  }

  async #make(place: string, image: { name: string; digest: string }, fetch: typeof globalThis.fetch): Promise<Facts> {
    const present = await factsOf(place);
    if (present !== undefined) {
      return present;
    }
    await mkdir(this.#options.folder, { recursive: true, mode: 0o711 });
    const draft = await mkdtemp(join(this.#options.folder, 'draft-'));
    try {
      const reference = referenceFor(image.name, image.digest);
      const { locked } = await pullApp(reference, { cacheDir: join(draft, 'content'), transport: { fetch } });
      const facts: Facts = {
        reference,
        variables: Object.keys(locked.variables ?? {}),
        isCommand: locked.triggers.some(({ trigger_type }) => trigger_type === 'command'),
        bytes: await makeReadable(draft),
      };
      await writeFile(join(draft, FACTS), JSON.stringify(facts));
      await rename(draft, place);
      await this.#makeRoom();
      return facts;
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      const other = await factsOf(place);
      if (other !== undefined) {
        // Another server of this node was first.
        return other;
      }
      throw error;
    }
  }

  async #makeRoom(): Promise<void> {
    const { folder, uses, maxBytes } = this.#options;
    const apps = [];
    for (const name of await readdir(folder)) {
      const facts = await factsOf(join(folder, name));
      if (facts !== undefined) {
        apps.push({ name, bytes: facts.bytes, at: (await stat(join(folder, name))).mtimeMs });
      }
    }
    let total = apps.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { name, bytes } of apps.toSorted((one, other) => one.at - other.at)) {
      if (total <= maxBytes) {
        return;
      }
      if (!isUsed(uses, name)) {
        await rm(join(folder, name), { recursive: true, force: true });
        total -= bytes;
      }
    }
  }
}

const FACTS = 'app.json';

async function factsOf(place: string): Promise<Facts | undefined> {
  try {
    return JSON.parse(await readFile(join(place, FACTS), 'utf8')) as Facts;
  } catch {
    // expected: it is not in the store.
    return undefined;
  }
}

/** For the users of all containers that it is mounted into. Gives the bytes of all files. */
async function makeReadable(folder: string): Promise<number> {
  let bytes = 0;
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    await chmod(path, entry.isDirectory() ? 0o755 : 0o444);
    bytes += (await stat(path)).size;
  }
  return bytes;
}
