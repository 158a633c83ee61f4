// What docs/reference/errors.md says of this package's error codes. One code may have several messages; the messages
// themselves stand where they are thrown.
import type { ErrorTable } from '@spindle/api';

export const OPERATOR_ERRORS = {
  SPK6001: {
    meaning: 'A flag of the operator does not exist, or its value is not valid.',
    remedy: 'Correct it; `spindle-operator --help` lists all flags.',
  },
  SPK6002: {
    meaning: 'A certificate or key for the webhooks or the metrics cannot be read, or is none.',
    remedy: 'Check the folder in `--webhook-cert-dir` or `--metrics-cert-path` and the files in it.',
  },
  SPK6003: {
    meaning: 'An address that the operator is to listen on is taken or does not exist.',
    remedy: 'Choose another one for the flag that the message names.',
  },
  SPK6004: {
    meaning: 'The file of executors that every namespace has cannot be read, or one of them is no executor.',
    remedy: 'Write each as the spec of a SpinAppExecutor, and see that the operator may read the file.',
  },
} as const satisfies ErrorTable;
