// A real `spindle up` in a process of its own, with guests that do everything a guest can do.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fixturePath } from '../../guests/fixtures.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

/** Each guest and its routes: some look at the path itself. */
const ROUTES: Readonly<Record<string, readonly string[]>> = {
  rstate: ['/...'],
  rhello: ['/hello'],
  shello: ['/sdk'],
  jshello: ['/js/...'],
  recho: ['/echo'],
  rhash: ['/hash'],
  rchunks: ['/chunks'],
  rlate: ['/late'],
  rnever: ['/hang', '/hang-body', '/drop'],
  rtrap: ['/panic', '/unreachable', '/memory', '/stack', '/table', '/oom', '/loop', '/exit1', '/after/...'],
};

/** What stops a loop, and a request that waits for nothing. */
export const LIMIT_MS = 2000;

/** Running requests get less than that; who is not gone then is stopped by force, which its exit code tells. */
const STOP_MS = 40_000;

/** 64 MiB: so that a guest that hoards memory ends soon. */
const INSTANCE_MEMORY = 64 << 20;

export interface SoakedApp {
  readonly port: number;
  readonly pid: number;
  /** How many lines it has said, and the last of them. */
  readonly said: { lines: number; last: string };
  /** Undefined while it runs. */
  exit(): number | string | undefined;
  /** Resolves to its exit code. */
  stop(): Promise<number | string>;
}

export async function startApp(): Promise<SoakedApp> {
  const folder = mkdtempSync(join(tmpdir(), 'spindle-soak-'));
  writeFileSync(join(folder, 'spin.toml'), await manifest());
  const port = await freePort();
  const listen = ['-f', join(folder, 'spin.toml'), '--listen', `127.0.0.1:${port}`];
  const limits = ['--request-timeout', `${LIMIT_MS}ms`, '--max-instance-memory', String(INSTANCE_MEMORY)];
  const quiet = ['--state-dir', '', '--log-dir', '', '--quiet'];
  const child = spawn(process.execPath, [join(ROOT, 'cli/bin/spindle.js'), 'up', ...listen, ...limits, ...quiet], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = { lines: 0, last: '' };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.lines += text.split('\n').length - 1;
    said.last = (said.last + text).slice(-4000); // enough for a stack trace
  });
  const ended = new Promise<number | string>((done) =>
    child.once('exit', (code, signal) => done(code ?? signal ?? '')),
  );
  const exit = (): number | string | undefined => child.exitCode ?? child.signalCode ?? undefined;
  const stop = async (): Promise<number | string> => {
    child.kill('SIGTERM');
    const forced = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    const code = await ended;
    clearTimeout(forced);
    rmSync(folder, { recursive: true, force: true });
    return code;
  };
  for (let attempt = 0; ; attempt += 1) {
    if (exit() !== undefined) {
      throw new Error(`the app ended before it answered: ${said.last}`);
    }
    try {
      await fetch(`http://127.0.0.1:${port}/hello`);
      return { port, pid: child.pid as number, said, exit, stop };
    } catch (error) {
      // expected: it does not listen yet
      if (attempt > 600) {
        await stop();
        throw error;
      }
      await sleep(100);
    }
  }
}

async function manifest(): Promise<string> {
  const parts = ['spin_manifest_version = 2', '[application]', 'name = "soak"'];
  for (const [guest, routes] of Object.entries(ROUTES)) {
    parts.push(
      ...routes.map((route) => `[[trigger.http]]\nroute = "${route}"\ncomponent = "${guest}"`),
      `[component.${guest}]\nsource = ${JSON.stringify(await fixturePath(guest))}`,
    );
  }
  return `${parts.join('\n')}\n`;
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
