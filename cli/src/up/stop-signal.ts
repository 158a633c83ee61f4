// SIGTERM and SIGINT as a request to stop. The second one ends the process at once, for the impatient.

export interface StopSignal {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  readonly requested: Promise<void>;
  /** Of a process that the signal has ended before its time. */
  readonly exitCode: number;
  /** Gives the signals back to the process. */
  release(): void;
}

/** 128 + signal number, as a shell reports it. */
const EXIT_CODES = { SIGTERM: 143, SIGINT: 130 } as const;

/**
 * A terminal sends Ctrl-C to every process of the group, and npm, npx and bin/spindle.js also pass on what they get:
 * the same signal again within this time is that echo. Well above what a busy machine delays it, and below what a
 * person needs to see that the first one did not help.
 */
const ECHO_MS = 250;

/** `now` is a clock in milliseconds. */
export function stopSignal(
  process: Pick<NodeJS.Process, 'on' | 'off' | 'exit'>,
  now: () => number = () => performance.now(),
): StopSignal {
  const controller = new AbortController();
  const { promise: requested, resolve } = Promise.withResolvers<void>();
  let first: { name: string; at: number } | undefined;
  const onSignal = (name: NodeJS.Signals): void => {
    if (first === undefined) {
      first = { name, at: now() };
      controller.abort(new Error(`stopped by ${name}`));
      resolve();
    } else if (name !== first.name || now() - first.at > ECHO_MS) {
      process.exit(EXIT_CODES[name as keyof typeof EXIT_CODES]);
    }
  };
  const names = Object.keys(EXIT_CODES) as (keyof typeof EXIT_CODES)[];
  for (const name of names) {
    process.on(name, onSignal);
  }
  return {
    signal: controller.signal,
    requested,
    get exitCode() {
      return first === undefined ? 0 : EXIT_CODES[first.name as keyof typeof EXIT_CODES];
    },
    release: () => {
      for (const name of names) {
        process.off(name, onSignal);
      }
    },
  };
}
