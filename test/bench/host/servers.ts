// The two that are compared: the guest in Spindle with one serving thread, and plain node:http with the same drivers.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchGuest } from '../http/guests.ts';
import { manifestOf, OURS, running, startSpindle, type RunningServer, type ServerKind } from '../http/servers.ts';
import { databaseFile, storeFile, type Services } from './services.ts';
import type { Work } from './work.ts';

export const PLAIN = 'plain node';
const FIXTURE = 'sbench';

export const guestFor = (work: Work, services: Services): BenchGuest => ({
  name: work.name,
  fixture: FIXTURE,
  path: withArgument(work.path, work, services),
});

const withArgument = (path: string, work: Work, services: Services): string => {
  const argument = work.argument(services);
  return argument === '' ? path : `${path}?${argument}`;
};

export const ours = (work: Work, services: Services, cacheDir: string): ServerKind => ({
  name: OURS,
  start: (guest) => startOurs(guest, work, services, cacheDir),
});

export async function startOurs(
  guest: BenchGuest,
  work: Work,
  services: Services,
  cacheDir: string,
): Promise<RunningServer> {
  const stateDir = services.stateDir(OURS);
  const flags = ['--threads', '1', '--state-dir', stateDir];
  if (work.runtimeConfig !== undefined) {
    const file = join(stateDir, 'runtime-config.toml');
    writeFileSync(file, work.runtimeConfig(services));
    flags.push('--runtime-config-file', file);
  }
  return startSpindle(guest, await manifestOf(FIXTURE, work.manifest(services)), { cacheDir, flags });
}

export const plain = (work: Work, services: Services): ServerKind => ({
  name: PLAIN,
  start: (guest) => {
    const stateDir = services.stateDir('plain');
    return running({ ...guest, path: withArgument(work.plainPath, work, services) }, (port) =>
      spawn(
        process.execPath,
        [join(import.meta.dirname, 'plain-server.cjs'), String(port), storeFile(stateDir), databaseFile(stateDir)],
        { stdio: ['ignore', 'ignore', 'inherit'] },
      ),
    );
  },
});
