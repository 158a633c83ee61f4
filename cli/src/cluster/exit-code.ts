// How a command ends, by its error: 1 failed, 2 the command line, 3 a time that was up, 4 not found, 5 not permitted.
import { type ErrorCode, UserError } from '@spindle/api';

const FAILED = 1;

const CODES: Readonly<Partial<Record<ErrorCode, number>>> = {
  SPK1006: 2,
  SPK5001: 2,
  SPK5042: 3,
  SPK5040: 4,
  SPK5041: 5,
  // 128 + SIGINT, as a shell has it.
  SPK5054: 130,
};

export const exitCodeOf = (error: unknown): number =>
  error instanceof UserError ? (CODES[error.code] ?? FAILED) : FAILED;
