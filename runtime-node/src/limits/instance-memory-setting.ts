// `max_instance_memory` of the runtime configuration (spin-contract.md §5.1): bytes, as `--max-instance-memory`, which
// comes before it. Spin passes over what is no number of bytes and then has no limit; here it is refused.
import { UserError } from '@spindle/api';

export const INSTANCE_MEMORY_KEY = 'max_instance_memory';

/** `value` as it stands in `file`; undefined when the key is absent. */
export function instanceMemorySetting(value: unknown, file: string | undefined): number | undefined {
  if (value === undefined || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0)) {
    return value;
  }
  throw new UserError(`${INSTANCE_MEMORY_KEY} must be a whole number of bytes`, {
    code: 'SPK4001',
    ...(file === undefined ? {} : { file }),
    field: INSTANCE_MEMORY_KEY,
    remedy: 'Write 134217728 for 128 MiB, without quotes.',
  });
}
