import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAnnouncement, startTime } from './announcement.ts';
import { serverPlaces } from './places.ts';

const OWNER = { address: '/run/containerd/containerd.sock', namespace: 'k8s.io', build: 'abcd' };
const START = `-namespace k8s.io -address ${OWNER.address} -publish-binary /bin/containerd -id start start`.split(' ');

let folder: string;
let state: string;
let launcher: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'launcher-'));
  state = join(folder, 'state');
  mkdirSync(join(state, 'k8s.io'), { recursive: true });
  mkdirSync(join(folder, 'home/bin'), { recursive: true });
  mkdirSync(join(folder, 'home/runtime/lib'), { recursive: true });
  mkdirSync(join(folder, 'home/shim'), { recursive: true });
  writeFileSync(join(folder, 'home/shim/info'), 'the information');
  // In the place of Node: says that it was called, and with what.
  writeFileSync(join(folder, 'home/runtime/lib/loader'), '#!/bin/sh\nshift 5\necho "node: $*"\n', { mode: 0o755 });
  launcher = join(folder, 'home/bin/containerd-shim-spin-v2');
  const text = readFileSync(join(import.meta.dirname, 'launcher.sh'), 'utf8');
  const filled = text
    .replace('{build}', 'abcd')
    .replace('{loader}', 'lib/loader')
    .replace('/run/containerd/spin', state);
  writeFileSync(launcher, filled, { mode: 0o755 });
});

afterAll(() => rmSync(folder, { recursive: true }));

const places = { ...serverPlaces(OWNER), socket: '/run/containerd/s/1' };
const call = (args: readonly string[], env: Record<string, string> = {}): string =>
  execFileSync(launcher, args, { cwd: folder, env: { PATH: process.env['PATH'] ?? '', ...env }, encoding: 'utf8' });

const announce = (build = 'abcd'): ReturnType<typeof createAnnouncement> =>
  createAnnouncement({ ...places, stateFolder: join(state, 'k8s.io') }, { ...OWNER, build });

describe('the launcher', () => {
  it('asks Node when there is no server', () => {
    expect(call(START)).toBe(`node: ${START.join(' ')}\n`);
    expect(call(['-namespace', 'k8s.io', '-id', 'start', 'delete'])).toBe('node: -namespace k8s.io -id start delete\n');
    expect(call(['-info'])).toBe('the information');
  });

  it('names the server of its own build, and tells it so', () => {
    const announcement = announce();
    announcement.write();
    const before = Date.now();
    expect(call(START)).toBe('unix:///run/containerd/s/1');
    expect(readFileSync(join(folder, 'address'), 'utf8')).toBe('unix:///run/containerd/s/1');
    // Clocks of file systems are coarse.
    expect(announcement.lastStart()).toBeGreaterThan(before - 1000);
    expect(JSON.parse(call(START, { MAX_SHIM_VERSION: '3' }))).toEqual({
      version: 3,
      address: 'unix:///run/containerd/s/1',
      protocol: 'ttrpc',
    });
    announcement.withdraw();
    expect(call(START)).toContain('node: ');
  });

  it.each([
    ['another build', () => announce('other').write()],
    [
      'a process that has ended',
      () => writeFileSync(join(state, 'k8s.io/server'), `abcd ${OWNER.address} 4194305 1 unix:///s\n`),
    ],
    [
      'another process of the same number',
      () => writeFileSync(join(state, 'k8s.io/server'), `abcd ${OWNER.address} ${process.pid} 1 unix:///s\n`),
    ],
    ['nothing that can be read', () => writeFileSync(join(state, 'k8s.io/server'), '\n')],
  ])('asks Node when the file is of %s', (_, write) => {
    write();
    expect(call(START)).toBe(`node: ${START.join(' ')}\n`);
  });
});

describe('the start of a process', () => {
  it('is found behind a name with blanks and brackets', () => {
    const numbers = Array.from({ length: 30 }, (_, index) => index + 3).join(' ');
    expect(startTime(`1 (a) b) ${numbers}`)).toBe('22');
  });
});
