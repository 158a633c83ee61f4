// A file by which the launcher (launcher.sh) finds the server without starting a Node: most calls of `start` only want its address.
// The launcher first touches `starts` and then reads this file; a server that wants to end first takes this file away and then
// looks at `starts`. So no call is told of a server that is about to go.
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressOf, type ServerOwner, type ServerPlaces } from './places.ts';

export interface Announcement {
  write(): void;
  withdraw(): void;
  /** When the launcher last answered a `start`, in milliseconds since the epoch. */
  lastStart(): number;
}

export function createAnnouncement(
  { stateFolder, socket }: ServerPlaces,
  { build, address }: ServerOwner,
): Announcement {
  const file = join(stateFolder, 'server');
  const line = [build, address, process.pid, startTime(readFileSync('/proc/self/stat', 'utf8')), addressOf(socket)];
  const draft = `${file}.${process.pid}`;
  return {
    write() {
      writeFileSync(draft, `${line.join(' ')}\n`);
      renameSync(draft, file);
    },
    withdraw() {
      // Another build's server may have written its own.
      if (readOr(file).startsWith(`${line.join(' ')}\n`)) {
        rmSync(file, { force: true });
      }
    },
    lastStart: () => statSync(join(stateFolder, 'starts'), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  };
}

/** Field 22 of proc(5)'s stat, behind the name of the program, which may have blanks: with it a number is one process only. */
export const startTime = (stat: string): string => stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // expected: there is none.
    return '';
  }
}
