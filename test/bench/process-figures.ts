// What a process has used, read from /proc (proc(5)): CPU time of all its threads, memory by kind, threads and files.
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second; Linux has reported 100 to user space on every architecture for decades. */
const TICKS_PER_SECOND = 100;

/** User and system time so far, in microseconds (resolution 10 ms). */
export function cpuMicroseconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The command name may hold spaces; the fields after it begin behind its closing parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000_000) / TICKS_PER_SECOND;
}

const kibibytes = (text: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN) * 1024;

export interface MemoryFigures {
  /** Private, not backed by a file (`RssAnon`); bytes. */
  readonly anonymous: number;
  /** Proportional set size: shared pages counted by share; bytes. */
  readonly proportional: number;
}

export function memory(pid: number): MemoryFigures {
  return {
    anonymous: kibibytes(readFileSync(`/proc/${pid}/status`, 'utf8'), 'RssAnon'),
    proportional: kibibytes(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss'),
  };
}

/** What must not grow in a process that serves for long. */
export interface ProcessState {
  /** Resident set size; bytes. */
  readonly resident: number;
  readonly threads: number;
  readonly files: number;
  /** Mapped areas (`/proc/<pid>/maps`): each slot that leaks leaves some. */
  readonly mappings: number;
}

export function processState(pid: number): ProcessState {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    resident: kibibytes(status, 'VmRSS'),
    threads: Number(/^Threads:\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN),
    files: readdirSync(`/proc/${pid}/fd`).length,
    mappings: readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n').length - 1,
  };
}

/** The most that was resident at once since the process began; bytes. */
export const peakResident = (pid: number): number => kibibytes(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmHWM');

export interface MachineLoad {
  readonly oneMinute: number;
  readonly cores: number;
}

export function machineLoad(): MachineLoad {
  const cores = (readFileSync('/proc/cpuinfo', 'utf8').match(/^processor\s*:/gm) ?? []).length;
  return { oneMinute: Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]), cores };
}
