// What docs/reference/errors.md says of the command line's error codes. One code may have several messages; the messages
// themselves stand where they are thrown.
import type { ErrorTable } from '@spindle/api';

export const CLI_ERRORS = {
  SPK5001: {
    meaning: 'A flag has a value that it cannot have, or contradicts another one.',
    remedy: 'Correct the flag; `--help` says what it takes.',
  },
  SPK5002: {
    meaning: 'A file that a flag names cannot be read.',
    remedy: 'Give the path of a file that exists and can be read.',
  },
  SPK5003: {
    meaning: 'The certificate or the key for TLS cannot be used.',
    remedy: 'Give PEM files; the key must not be encrypted, and must belong to the first certificate.',
  },
  SPK5004: {
    meaning: 'The file `.env` of the current folder cannot be read.',
    remedy: 'Make it a file of `NAME=value` lines, or remove it.',
  },
  SPK5005: {
    meaning: 'A user name or a password was asked for, and nobody answered.',
    remedy: 'Answer on the terminal, or give `--username` and `--password-stdin`.',
  },
} as const satisfies ErrorTable;
