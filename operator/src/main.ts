// `spindle-operator`: reads flags, finds the cluster, runs until a signal or until it may not go on. The only file with side
// effects at import.
import { homedir } from 'node:os';
import { UserError } from '@spindle/api';
import { createShutdown, loadClusterAccess } from '@spindle/kube';
import { FLAGS, type Flags } from './operations/flags.ts';
import { helpText, parseFlags } from './operations/go-flags.ts';
import { createLog, lastWords, type Log } from './operations/log.ts';
import { Operator } from './operations/operator.ts';
import { VERSION } from './operations/release.ts';
import { loadSharedExecutors } from './operations/shared-executors.ts';

// Not awaited: the bundle is CommonJS. Its errors are handled within.
void main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  const flags = readFlags(args);
  if (flags === undefined) {
    return;
  }
  const log = createLog(flags);
  const fail = (error: unknown, message: string): void => {
    log.error({ error }, message);
    void lastWords(log).then(() => process.exit(1));
  };
  process.on('uncaughtException', (error) => fail(error, 'defect'));
  process.on('unhandledRejection', (error) => fail(error, 'defect'));
  try {
    await run(flags, log, fail);
  } catch (error) {
    // expected: what the user gave cannot work, or the machine is not as it should be.
    fail(error, 'operator not started');
  }
}

function readFlags(args: readonly string[]): Flags | undefined {
  try {
    const flags = parseFlags(FLAGS, args);
    if (flags !== 'help') {
      return flags;
    }
    process.stdout.write(`Usage: spindle-operator [flags]\n\nRuns SpinApps of a cluster.\n\n${helpText(FLAGS)}`);
  } catch (error) {
    if (!(error instanceof UserError)) {
      throw error;
    }
    // expected: a mistake in the arguments; 2 is what Go's flags exit with.
    process.stderr.write(`Error ${error.code}: ${error.message}\n${error.remedy}\n`);
    process.exitCode = 2;
  }
  return undefined;
}

async function run(flags: Flags, log: Log, fail: (error: unknown, message: string) => void): Promise<void> {
  const access = await loadClusterAccess({
    env: process.env,
    homeDirectory: homedir(),
    ...(flags.kubeconfig === '' ? {} : { kubeconfig: flags.kubeconfig }),
  });
  const sharedExecutors = await loadSharedExecutors(flags.executors);
  const namespace = process.env['POD_NAMESPACE'] || access.namespace;
  log.info({ version: VERSION, server: access.server.host, namespace, namespaces: flags.namespaces }, 'starting');
  const operator = new Operator({ flags, access, sharedExecutors, namespace, log, onFatal: fail });
  const shutdown = createShutdown({
    steps: operator.shutdownSteps(),
    exitNow: () => process.exit(1),
    report: ({ step, durationMs, isLate, error }) =>
      log[isLate || error !== undefined ? 'warn' : 'debug']({ step, durationMs, isLate, error }, 'shutdown step ended'),
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      log.info({ signal }, 'stopping');
      void shutdown()
        .then(() => lastWords(log))
        .then(() => process.exit(0));
    });
  }
  await operator.start();
}
