// One run of the watched application among several that follow each other on one socket. The next one serves before
// this one is asked to stop, and this one finishes what it has begun.
import { dirname, join } from 'node:path';
import type { LockedApp } from '@spindle/api';
import { loadApp } from '@spindle/loader';
import { launchThread, runApp, type Launched, type ServedHttp } from '@spindle/runtime';
import type { Console } from '../console.ts';
import { userPaths } from '../paths.ts';
import type { UpFlags } from '../up/options.ts';
import { runOptions } from '../up/run-options.ts';
import { makeWorkDir } from '../work-dir.ts';
import type { ListeningSocket } from './listening-socket.ts';

export interface Generation {
  /** Undefined without http triggers. */
  readonly http: ServedHttp | undefined;
  readonly announcement: readonly string[];
  /** Lets running requests finish for `deadlineMs`, then takes its files along. */
  stop(deadlineMs: number): Promise<void>;
}

export interface GenerationOptions {
  /** Absolute path of the manifest. */
  readonly file: string;
  readonly flags: UpFlags;
  readonly socket: ListeningSocket;
  readonly signal: AbortSignal;
  readonly console: Console;
}

/** Until the next thread is launched: the generation that has just begun needs the processors for its first answers. */
const STANDBY_MS = 250;

/** Makes generations; has the thread of the next one loaded before it is wanted. */
export class Generations {
  readonly #options: GenerationOptions;
  /** What every start would say again. */
  readonly #told = new Set<string>();
  #standby: Launched | undefined = launchThread();
  #launching: NodeJS.Timeout | undefined;

  constructor(options: GenerationOptions) {
    this.#options = options;
  }

  /** Throws when the app cannot be loaded or started; nothing is left of it then. */
  async start(): Promise<Generation> {
    clearTimeout(this.#launching);
    this.#standby ??= launchThread();
    const { socket, console } = this.#options;
    const workDir = await makeWorkDir('spinup-');
    try {
      const { locked, options } = await this.#load(workDir.path);
      const http = { ...options.http, address: socket.address, socket: socket.descriptor() };
      const launched = this.#standby;
      this.#standby = undefined;
      const app = await runApp(
        {
          ...options,
          locked,
          http,
          note: (line) => this.#tell(line),
          defaultStateDir: join(dirname(this.#options.file), '.spin'),
        },
        launched,
      );
      return {
        http: app.http,
        announcement: app.announcement,
        stop: async (deadlineMs) => {
          await app.stop(deadlineMs).catch((error: unknown) => console.err(`Error stopping: ${String(error)}`));
          workDir.remove();
        },
      };
    } catch (error) {
      workDir.remove();
      throw error;
    } finally {
      this.#launching = setTimeout(() => (this.#standby ??= launchThread()), STANDBY_MS);
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#launching);
    await this.#standby?.close();
    this.#standby = undefined;
  }

  #tell(line: string): void {
    if (!this.#told.has(line)) {
      this.#told.add(line);
      this.#options.console.err(line);
    }
  }

  async #load(workDir: string): Promise<{ locked: LockedApp; options: Awaited<ReturnType<typeof runOptions>> }> {
    const { file, flags, signal, console } = this.#options;
    const paths = userPaths(console);
    const cacheDir = flags.cacheDir ?? paths.cacheDir;
    const options = await runOptions(flags, cacheDir, console);
    const { locked, warnings } = await loadApp(
      { kind: 'manifest', path: file },
      {
        workDir,
        cacheDir,
        packageConfigFile: paths.packageConfigFile,
        signal,
        directMounts: flags.directMounts ?? false,
        insecure: flags.insecure ?? false,
        ...(flags.profile === undefined ? {} : { profile: flags.profile }),
      },
    );
    warnings.forEach((warning) => this.#tell(`Warning: ${warning}`));
    return { locked, options };
  }
}
