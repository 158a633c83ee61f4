// What the shim has to say of a container goes into the FIFO `log` of its bundle, which containerd reads and writes into its own
// log. A line that nobody takes is lost: no container waits for a reader of logs.
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export type Level = 'error' | 'warn' | 'info' | 'debug';

export type Fields = Readonly<Record<string, string | number>>;

export interface ShimLog {
  /** Constant message; what differs is in the fields. */
  write(level: Level, bundle: string, message: string, fields: Fields): void;
}

const ORDER: readonly Level[] = ['error', 'warn', 'info', 'debug'];

export function createShimLog(least: Level, now: () => Date): ShimLog {
  return {
    write(level, bundle, message, fields) {
      if (ORDER.indexOf(level) <= ORDER.indexOf(least)) {
        writeInto(join(bundle, 'log'), logLine(now(), level, message, fields));
      }
    },
  };
}

/** As logrus writes them, which containerd's own lines are. */
export const logLine = (at: Date, level: Level, message: string, fields: Fields): string => {
  const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${JSON.stringify(String(value))}`);
  return `time=${JSON.stringify(at.toISOString())} level=${level}${pairs.join('')} msg=${JSON.stringify(message)}\n`;
};

function writeInto(fifo: string, line: string): void {
  try {
    const fd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
    try {
      writeSync(fd, line);
    } finally {
      closeSync(fd);
    }
  } catch {
    // expected: nobody reads, the pipe is full, or the bundle is gone.
  }
}
