// Serves a spin.toml in this process on a free port, for tests that talk to it over TCP.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadApp, type LoadOptions } from '@spindle/loader';
import { DEFAULT_MAX_HEADER_BYTES, runHere, type RunningApp, type RunOptions } from '@spindle/runtime';

export interface Served {
  readonly app: RunningApp;
  readonly port: number;
  readonly baseUrl: string;
  /** What guests wrote to stdout and stderr. */
  readonly output: () => string;
  /** What the runtime reported of failed requests. */
  readonly errors: readonly string[];
  /** What the runtime told the operator besides. */
  readonly notes: readonly string[];
  /** Drains first; resolves to the number of requests that did not end by themselves. */
  stop(): Promise<number>;
}

/** Long enough for whatever ends by itself, on a busy machine too. */
const DRAIN_MS = 5000;

export async function serveManifest(
  path: string,
  overrides: Partial<RunOptions> = {},
  load: Partial<LoadOptions> = {},
): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'spindle-served-'));
  const output: string[] = [];
  const errors: string[] = [];
  const notes: string[] = [];
  const { locked } = await loadApp(
    { kind: 'manifest', path },
    { workDir: join(folder, 'work'), cacheDir: join(folder, 'cache'), ...load },
  );
  const app = await runHere({
    locked,
    http: { address: { host: '127.0.0.1', port: 0 }, findFreePort: false, maxHeaderBytes: DEFAULT_MAX_HEADER_BYTES },
    logDir: '',
    truncateLogs: false,
    follow: 'all',
    variables: new Map(),
    // The way of putting instances back, which the suite is run with one after the other.
    variableEnv: { SPINDLE_RESET_MODE: process.env['SPINDLE_RESET_MODE'] },
    env: {},
    keyValues: new Map(),
    writableMounts: false,
    echo: (bytes) => output.push(Buffer.from(bytes).toString('utf8')),
    note: (line) => notes.push(line),
    onError: (message, error) => errors.push(`${message}: ${error instanceof Error ? error.message : String(error)}`),
    ...overrides,
  });
  return {
    app,
    port: app.http?.address.port ?? 0,
    baseUrl: app.http?.baseUrl ?? '',
    output: () => output.join(''),
    errors,
    notes,
    stop: async () => {
      const ended = await app.stop(DRAIN_MS);
      await rm(folder, { recursive: true, force: true });
      return ended;
    },
  };
}
