// Runs an app in the thread of the caller, without a supervisor: nothing replaces the thread when a guest keeps it. For
// tests, and for processes that have a thread of their own for each app.
import { prepareApp } from '../app/prepare-app.ts';
import { GuestOutput } from '../logs/guest-output.ts';
import { newConnectionCounts } from '../triggers/http/listener/connection-count.ts';
import { checkTriggers } from './check-triggers.ts';
import { newMemoryName } from './kept-memory.ts';
import type { RunOptions } from './options.ts';
import type { RunningApp } from './run-app.ts';
import { settle } from './settle.ts';

/** `threads` and `metricsListen` mean nothing here, nor do limits on time: nobody else looks at the clock. */
export async function runHere(options: RunOptions): Promise<RunningApp> {
  const { locked } = options;
  checkTriggers(locked);
  const { stateDir, logDir, limits } = await settle(options);
  const output = new GuestOutput({
    ...(logDir === '' ? {} : { directory: logDir }),
    truncate: options.truncateLogs ? locked.components.map(({ id }) => id) : [],
    follow: options.follow,
    echo: options.echo,
  });
  const prepared = await prepareApp(locked, options.cacheDir === undefined ? {} : { cacheDir: options.cacheDir });
  // Not loaded by processes that let threads serve.
  const { serveApp } = await import('./serve-app.ts');
  const app = await serveApp(
    {
      ...options,
      http: { ...options.http, connections: { most: limits.connections, counts: newConnectionCounts(1), place: 0 } },
      runtimeConfig: options.runtimeConfig,
      sqlite: options.sqlite ?? [],
      stateDir,
      limits,
      threads: 1,
      memoryName: newMemoryName(),
      metered: false,
      fetches: true,
      args: options.command?.args ?? [],
      telemetry: new Set(),
      wasiOtel: options.wasiOtel === true,
      accessLogged: false,
    },
    { prepared, first: true },
    {
      log: (component, stream, bytes) => output.write(component, stream, bytes),
      note: options.note,
      onError: options.onError,
      engine: {},
    },
  );
  return {
    http: app.http,
    announcement: app.announcement,
    finished: app.command?.() ?? new Promise(() => {}),
    stop: async (deadlineMs) => {
      const ended = await app.stop(deadlineMs);
      await output.close();
      return ended;
    },
  };
}
