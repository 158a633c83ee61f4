// What a process has used, read from /proc (proc(5)): CPU time of all its threads, and memory by kind.
import { readFileSync } from 'node:fs';

/** Clock ticks per second; Linux has reported 100 to user space on every architecture for decades. */
const TICKS_PER_SECOND = 100;

/** User and system time so far, in microseconds (resolution 10 ms). */
export function cpuMicroseconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The command name may hold spaces; the fields after it begin behind its closing parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000_000) / TICKS_PER_SECOND;
}

export interface MemoryFigures {
  /** Private, not backed by a file; bytes. */
  readonly anonymous: number;
  /** Proportional set size: shared pages counted by share; bytes. */
  readonly proportional: number;
}

export function memory(pid: number): MemoryFigures {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kib = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? Number.NaN);
  return { anonymous: kib('Anonymous') * 1024, proportional: kib('Pss') * 1024 };
}

export interface MachineLoad {
  readonly oneMinute: number;
  readonly cores: number;
}

export function machineLoad(): MachineLoad {
  const cores = (readFileSync('/proc/cpuinfo', 'utf8').match(/^processor\s*:/gm) ?? []).length;
  return { oneMinute: Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]), cores };
}
