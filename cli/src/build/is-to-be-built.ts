// Whether a command that needs a built application builds it first: `--build`, or SPIN_ALWAYS_BUILD (spin-contract.md §5.3).
import type { Console } from '../console.ts';

const BUILD_VARIABLE = 'SPIN_ALWAYS_BUILD';

/** What Spin's reader of flags (clap) takes for no; anything else is yes. */
const NO = ['', 'n', 'no', 'f', 'false', 'off', '0'];

/** `flag` is that of `--build`. */
export const isToBeBuilt = (flag: boolean | undefined, { env }: Pick<Console, 'env'>): boolean =>
  flag ?? !NO.includes(env[BUILD_VARIABLE]?.toLowerCase() ?? '');
