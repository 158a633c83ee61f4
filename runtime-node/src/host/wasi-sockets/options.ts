// Options of sockets: what may be set to what, and what they are before anybody has set them. Values are kept as the
// guest sees them; those that Node can set are set at the system's socket too.
import { err, ok, plain, type HostFunction, type Result } from '../../component/index.ts';
import type { Guest } from '../guest.ts';
import type { ErrorCode } from './error-code.ts';
import type { Socket } from './socket.ts';

export type OptionValue = boolean | number | bigint;

/** Values by name of the option, without `set-`. */
export type OptionValues = Readonly<Record<string, OptionValue>>;

const SECOND = 1_000_000_000n;
/** Linux's greatest, which wasmtime clamps to everywhere: MAX_TCP_KEEPIDLE, MAX_TCP_KEEPINTVL, MAX_TCP_KEEPCNT. */
const MAX_KEEP_ALIVE_SECONDS = 32_767n;
const MAX_KEEP_ALIVE_COUNT = 127;
/** The C int that setsockopt takes. */
const MAX_BUFFER_SIZE = 2_147_483_647n;

const clamp = (value: bigint, min: bigint, max: bigint): bigint => (value < min ? min : value > max ? max : value);

const wholeSeconds = (value: OptionValue): OptionValue =>
  (clamp(BigInt(value), SECOND, MAX_KEEP_ALIVE_SECONDS * SECOND) / SECOND) * SECOND;

const bufferSize = (value: OptionValue): OptionValue => clamp(BigInt(value), 1n, MAX_BUFFER_SIZE);

/** What becomes of a value; those that are not here are kept as they are. */
const CLAMPED: Readonly<Record<string, (value: OptionValue) => OptionValue>> = {
  'keep-alive-idle-time': wholeSeconds,
  'keep-alive-interval': wholeSeconds,
  'keep-alive-count': (value) => Math.min(Number(value), MAX_KEEP_ALIVE_COUNT),
  'receive-buffer-size': bufferSize,
  'send-buffer-size': bufferSize,
};

/** A socket whose options can be read and set while `optionProblem` has nothing against it. */
export interface OptionHolder {
  optionProblem(): ErrorCode | undefined;
  option(name: string): OptionValue | undefined;
  setOption(name: string, value: OptionValue): void;
}

/** Getter and setter of each option. `resource` is the WIT name. */
export function optionFunctions(resource: string, initial: OptionValues): Record<string, HostFunction<Guest>> {
  const functions: Record<string, HostFunction<Guest>> = {};
  for (const [name, first] of Object.entries(initial)) {
    functions[`[method]${resource}.${name}`] = plain((_guest, self: Socket & OptionHolder): Read => {
      const problem = self.optionProblem();
      return problem === undefined ? ok(self.option(name) ?? first) : err(problem);
    });
    functions[`[method]${resource}.set-${name}`] = plain(
      (_guest, self: Socket & OptionHolder, value: OptionValue): Result<undefined, ErrorCode> => {
        // WIT: for each of the numbers, 0 is an invalid argument, and any other value may be kept or clamped.
        const problem = self.optionProblem() ?? (value === 0 || value === 0n ? 'invalid-argument' : undefined);
        if (problem !== undefined) {
          return err(problem);
        }
        self.setOption(name, (CLAMPED[name] ?? ((same) => same))(value));
        return ok(undefined);
      },
    );
  }
  return functions;
}

type Read = Result<OptionValue, ErrorCode>;
