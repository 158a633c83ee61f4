// Reads what the kernel writes into control groups. A file or a field that is not there is 0: kernels differ, and a group goes
// when its last process does.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Figures = ReadonlyMap<string, bigint>;

/** More than this is what version 1 says for no limit: the greatest number of pages. */
const NO_LIMIT = 2n ** 62n;

export function textFrom(folder: string | undefined, file: string): string {
  if (folder === undefined) {
    return '';
  }
  try {
    return readFileSync(join(folder, file), 'utf8');
  } catch {
    // expected: this kernel has no such file, or the group is gone.
    return '';
  }
}

export function numberFrom(text: string): bigint {
  const word = text.trim();
  return /^\d+$/.test(word) ? BigInt(word) : 0n;
}

/** 0 for none. */
export function limitFrom(text: string): bigint {
  const limit = numberFrom(text);
  return limit >= NO_LIMIT ? 0n : limit;
}

/** Lines of a name and a number. */
export function figuresFrom(text: string): Figures {
  return new Map(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^(\S+) (\d+)$/.exec(line.trim()) ?? [];
      return name === undefined || value === undefined ? [] : [[name, BigInt(value)] as const];
    }),
  );
}

/** Of a group and of those below it. */
export function processesIn(folder: string | undefined): number[] {
  if (folder === undefined) {
    return [];
  }
  const own = textFrom(folder, 'cgroup.procs').split('\n').filter(Boolean).map(Number);
  return [...own, ...foldersIn(folder).flatMap((name) => processesIn(join(folder, name)))];
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    // expected: the group is gone.
    return [];
  }
}
