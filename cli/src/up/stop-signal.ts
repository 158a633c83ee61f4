// SIGTERM and SIGINT as a request to stop. The second one ends the process at once, for the impatient.

export interface StopSignal {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  readonly requested: Promise<void>;
  /** Gives the signals back to the process. */
  release(): void;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

export function stopSignal(process: NodeJS.Process): StopSignal {
  const controller = new AbortController();
  const { promise: requested, resolve } = Promise.withResolvers<void>();
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      // 128 + signal number, as a shell reports it.
      process.exit(name === 'SIGINT' ? 130 : 143);
    }
    controller.abort(new Error(`stopped by ${name}`));
    resolve();
  };
  for (const name of SIGNALS) {
    process.on(name, onSignal);
  }
  return {
    signal: controller.signal,
    requested,
    release: () => {
      for (const name of SIGNALS) {
        process.off(name, onSignal);
      }
    },
  };
}
