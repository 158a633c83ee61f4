// The loop of `spindle watch`: compare what is on disk with what was built and with what is served, do what follows,
// and wait for something to happen. Nothing depends on which event came, so none can be missed.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseManifest } from '@spindle/api';
import { buildApp } from '../build/build-app.ts';
import type { Console } from '../console.ts';
import { errorText } from '../error-text.ts';
import { readText } from '../given-file.ts';
import { announcementLines } from '../up/announce.ts';
import type { UpFlags } from '../up/options.ts';
import type { Generation, Generations } from './generation.ts';
import { watchInputs, type Pattern, type WatchInputs } from './inputs.ts';
import { Notice } from './notice.ts';
import { isSame, takeSnapshot, type Snapshot } from './snapshot.ts';
import type { WatchFlags } from './flags.ts';

export interface WatchingOptions {
  /** Absolute path of the manifest. */
  readonly file: string;
  readonly flags: WatchFlags;
  readonly upFlags: UpFlags;
  readonly generations: Generations;
  readonly signal: AbortSignal;
  readonly console: Console;
}

/** Clears the screen and what can be scrolled back to, and goes to the upper left (ECMA-48 and xterm's ED 3). */
const CLEAR = '\u001B[2J\u001B[3J\u001B[H';

export class Watching {
  readonly #options: WatchingOptions;
  readonly #manifest: Pattern;
  readonly #notice = new Notice();
  /** The manifest as it was read last, and what it asks for unless it is wrong. */
  #read: { readonly snapshot: Snapshot; readonly inputs: WatchInputs | undefined } | undefined;
  /** What the last build of each component was begun with. */
  readonly #built = new Map<string, Snapshot>();
  /** Components that the last build that failed was for: what they left is not to be served. */
  readonly #failed = new Set<string>();
  /** What the last start was begun with, whether it worked or not. */
  #tried: Snapshot | undefined;
  #serving: Generation | undefined;
  readonly #stopping = new Set<Promise<void>>();
  #announced = '';

  constructor(options: WatchingOptions) {
    this.#options = options;
    this.#manifest = { path: options.file, skipsBuildFolders: false };
  }

  /** Until the signal. */
  async run(): Promise<void> {
    const { signal, flags, console } = this.#options;
    while (!signal.aborted) {
      try {
        await this.#pass();
      } catch (error) {
        // expected: the user is at work on it, and what ran before serves on
        if (!signal.aborted) {
          console.err(errorText(error));
          console.err(`\nWaiting for changes${this.#serving === undefined ? '' : '; what ran before serves on'}`);
        }
      }
      await this.#notice.next(signal);
      await sleep(flags.debounce, undefined, { signal }).catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    this.#notice.close();
    this.#retire(this.#serving);
    await Promise.all(this.#stopping);
  }

  async #pass(): Promise<void> {
    const manifest = await takeSnapshot([this.#manifest]);
    const inputs = await this.#readManifest(manifest);
    if (inputs === undefined) {
      this.#notice.watch(manifest.folders);
      return;
    }
    const sources = new Map<string, Snapshot>();
    for (const [component, patterns] of this.#options.flags.skipBuild ? [] : inputs.sources) {
      sources.set(component, await takeSnapshot([this.#manifest, ...patterns]));
    }
    const stale = [...sources].filter(([id, now]) => !isSame(this.#built.get(id), now)).map(([id]) => id);
    if (stale.length > 0) {
      await this.#build(stale, sources);
    }
    const artifacts = await takeSnapshot([this.#manifest, ...inputs.artifacts]);
    const all = [manifest, ...sources.values(), artifacts];
    this.#notice.watch(new Set(all.flatMap(({ folders }) => [...folders])));
    if (this.#failed.size === 0 && !isSame(this.#tried, artifacts)) {
      this.#tried = artifacts;
      await this.#reload(stale.length === 0);
    }
  }

  /** Undefined while the manifest is wrong, of which is told once. */
  async #readManifest(snapshot: Snapshot): Promise<WatchInputs | undefined> {
    if (isSame(this.#read?.snapshot, snapshot)) {
      return this.#read?.inputs;
    }
    this.#read = { snapshot, inputs: undefined };
    const { file, upFlags, flags, console } = this.#options;
    const { manifest } = parseManifest(readText(file, '--from'), file);
    const inputs = watchInputs(manifest, {
      file,
      directMounts: upFlags.directMounts ?? false,
      ...(upFlags.profile === undefined ? {} : { profile: upFlags.profile }),
    });
    for (const id of flags.skipBuild ? [] : inputs.unwatched) {
      console.err(
        `You haven't configured what to watch for the component: '${id}'. Name its sources in "build.watch".`,
      );
    }
    this.#read = { snapshot, inputs };
    return inputs;
  }

  async #build(stale: readonly string[], sources: ReadonlyMap<string, Snapshot>): Promise<void> {
    const { file, upFlags, console, signal } = this.#options;
    const components = [...new Set([...this.#failed, ...stale])].filter((id) => sources.has(id));
    this.#clear();
    for (const [id, snapshot] of sources) {
      if (components.includes(id)) {
        this.#built.set(id, snapshot);
        this.#failed.add(id);
      }
    }
    // Before the build: a source that changes while it runs is found when it has ended.
    this.#notice.watch(new Set([...sources.values()].flatMap(({ folders }) => [...folders])));
    const { profile } = upFlags;
    await buildApp({ file, components, ...(profile === undefined ? {} : { profile }) }, { console, signal });
    this.#failed.clear();
  }

  async #reload(clears: boolean): Promise<void> {
    const { generations, console } = this.#options;
    if (clears) {
      this.#clear();
    }
    const next = await generations.start();
    const last = this.#serving;
    this.#serving = next;
    this.#retire(last);
    this.#announce(next);
    if (last !== undefined) {
      console.err('Reloaded');
    }
  }

  /** Again only when it says something else. */
  #announce(generation: Generation): void {
    const { upFlags, console } = this.#options;
    for (const warning of generation.http?.routes.warnings ?? []) {
      console.err(warning);
    }
    const text = announcementLines(generation, upFlags.format).join('\n');
    if (text !== this.#announced) {
      this.#announced = text;
      console.out(text);
    }
  }

  /** Its requests finish while the next one serves already. */
  #retire(generation: Generation | undefined): void {
    if (generation !== undefined) {
      const stopped = generation.stop(this.#options.upFlags.shutdownTimeout * 1000);
      this.#stopping.add(stopped);
      void stopped.finally(() => this.#stopping.delete(stopped));
    }
  }

  #clear(): void {
    const { flags, console } = this.#options;
    if (flags.clear) {
      console.out(CLEAR);
    }
  }
}
