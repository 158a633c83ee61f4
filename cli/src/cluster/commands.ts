// The commands for clusters: how each is called. Each is loaded when it runs.
import type { Command } from 'commander';
import type { Console } from '../console.ts';
import { wholeNumber } from '../up/values.ts';
import { addDeployCommand } from './deploy/options.ts';
import { clusterOptions, type ClusterCommandOptions, type ClusterFlags } from './options.ts';
import { addScaffoldCommand } from './scaffold/options.ts';
import { addVariableCommands } from './variable/options.ts';
import { waitTime } from './wait-time.ts';
import type { CheckFlags } from './check/check.ts';
import type { ConnectFlags } from './connect/connect.ts';
import type { DeleteFlags } from './delete/delete.ts';
import type { EventsFlags } from './events/events.ts';
import type { ListFlags } from './list/list.ts';
import type { LogsFlags } from './logs/logs.ts';
import type { RollbackFlags } from './rollback/rollback.ts';
import type { ScaleFlags } from './scale/scale.ts';
import type { SuspendFlags } from './suspend/suspend.ts';
import type { VersionFlags } from './version/version.ts';

const TABLES = ['table', 'wide', 'json', 'yaml', 'name'] as const;
const DATA = ['table', 'json', 'yaml'] as const;
const PROGRESS = ['table', 'json'] as const;
const APP = 'name of the app (default: that of the spin.toml here)';

const whole = (flag: string, least: number): ((text: string) => number) =>
  wholeNumber(flag, {
    least,
    most: 2 ** 31 - 1,
    expected: least === 0 ? 'a whole number' : `a whole number from ${least}`,
  });

export function addClusterCommands(program: Command, console: Console, { called, ended }: ClusterCommandOptions): void {
  addScaffoldCommand(program, console, called);
  addDeployCommand(program, console, { called, ended });
  addReading(program, console);
  addChanging(program, console);
  addVariableCommands(program, console);
  addChecking(program, console, called !== 'spindle');
}

function addReading(program: Command, console: Console): void {
  clusterOptions(program.command('list').description('List the apps of a cluster.'), {
    output: TABLES,
    allNamespaces: true,
  })
    .option('-l, --selector <labels>', 'only apps with these labels')
    .action(async (flags: ListFlags) => (await import('./list/list.ts')).list(flags, console));
  clusterOptions(program.command('get').description('Show one app in a line, or the whole object.'), { output: TABLES })
    .argument('[app]', APP)
    .action(async (app: string | undefined, flags: ClusterFlags) =>
      (await import('./list/list.ts')).get(app, flags, console),
    );
  clusterOptions(program.command('status').description('Show an app, its pods, and why it is not ready.'), {
    output: DATA,
  })
    .argument('[app]', APP)
    .action(async (app: string | undefined, flags: ClusterFlags) =>
      (await import('./status/status.ts')).status(app, flags, console),
    );
  clusterOptions(program.command('logs').description('Show what the pods of an app say.'))
    .argument('[app]', APP)
    .option('-f, --follow', 'go on with what comes, also of pods that come')
    .option('-p, --previous', 'of the container that was there before the last restart')
    .option('--timestamps', 'with the time of each line')
    .option('--tail <lines>', 'only so many of the last lines', whole('--tail', 0))
    .option('--since <time>', 'only what is newer, e.g. 10m', waitTime)
    .option('--prefix', 'the name of the pod before each line (default: when there are several pods)')
    .option('--no-prefix', 'never')
    .option('--component <id>', 'only apps that run this component alone')
    .action(async (app: string | undefined, flags: LogsFlags) =>
      (await import('./logs/logs.ts')).logs(app, flags, console),
    );
  clusterOptions(program.command('events').description('Show what the cluster has noted of an app and its pods.'), {
    output: DATA,
  })
    .argument('[app]', APP)
    .option('-f, --follow', 'go on with what comes')
    .action(async (app: string | undefined, flags: EventsFlags) =>
      (await import('./events/events.ts')).events(app, flags, console),
    );
  clusterOptions(program.command('connect').description('Reach an app at a port of this machine.'), {
    output: PROGRESS,
  })
    .argument('[app]', APP)
    .option(
      '-p, --local-port <port>',
      'port of this machine (default: a free one)',
      wholeNumber('--local-port', { least: 0, most: 65_535, expected: 'a port' }),
    )
    .option('--pod <name>', 'this pod')
    .option('-l, --selector <labels>', 'pods with these labels, in place of an app')
    .action(async (app: string | undefined, flags: ConnectFlags) =>
      (await import('./connect/connect.ts')).connect(app, flags, console),
    );
}

function addChanging(program: Command, console: Console): void {
  const waiting = { output: PROGRESS, timeout: '2m' };
  clusterOptions(program.command('scale').description('Set the number of pods.'), waiting)
    .argument('<app>', 'name of the app')
    .argument('<replicas>', 'number of pods', whole('replicas', 0))
    .option('--no-wait', 'do not wait until it is so')
    .action(async (app: string, replicas: number, flags: ScaleFlags) =>
      (await import('./scale/scale.ts')).scale(app, replicas, flags, console),
    );
  for (const [verb, description] of [
    ['suspend', 'Let an app have no pods until it is resumed.'],
    ['resume', 'Let a suspended app go on as before.'],
  ] as const) {
    clusterOptions(program.command(verb).description(description), waiting)
      .argument('[app]', APP)
      .option('--no-wait', 'do not wait until it is so')
      .action(async (app: string | undefined, flags: SuspendFlags) =>
        (await import('./suspend/suspend.ts')).setSuspended(app, verb === 'suspend', flags, console),
      );
  }
  clusterOptions(
    program.command('rollback').description('Go back to image and variables of an earlier version.'),
    waiting,
  )
    .argument('[app]', APP)
    .option('--to-revision <n>', 'this one (default: the one before)', whole('--to-revision', 1))
    .option('--list', 'only show which there are')
    .option('--no-wait', 'do not wait until it is ready')
    .action(async (app: string | undefined, flags: RollbackFlags) =>
      (await import('./rollback/rollback.ts')).rollback(app, flags, console),
    );
  clusterOptions(program.command('delete').description('Delete apps, with all that was made for them.'), {
    output: ['table', 'name'],
    timeout: '1m',
  })
    .argument('[apps...]', 'names of the apps (default: that of the spin.toml here)')
    .option('-y, --yes', 'do not ask')
    .option('--no-wait', 'do not wait until they have gone')
    .action(async (apps: string[], flags: DeleteFlags) =>
      (await import('./delete/delete.ts')).deleteApps(apps, flags, console),
    );
}

function addChecking(program: Command, console: Console, isPlugin: boolean): void {
  clusterOptions(
    program.command('check').description('Check what a cluster needs to run apps, with a remedy for each problem.'),
    { output: DATA },
  )
    .option('--pre', 'before Spindle is installed')
    .option('--skip <checks...>', 'leave out checks, by their names in the first column')
    .action(async (flags: CheckFlags) =>
      (await import('./check/check.ts')).checkCluster(flags, { apps: false }, console),
    );
  if (isPlugin) {
    clusterOptions(program.command('doctor').description('Check the cluster and the apps of the namespace.'), {
      output: DATA,
    })
      .argument('[app]', 'only this app')
      .action(async (app: string | undefined, flags: ClusterFlags) =>
        (await import('./check/check.ts')).checkCluster(flags, { apps: app ?? true }, console),
      );
  }
  clusterOptions(program.command('version').description('Show the versions of Spindle, of Spin and of the cluster.'), {
    output: DATA,
  })
    .option('-s, --short', 'only that of Spindle')
    .action(async (flags: VersionFlags) => (await import('./version/version.ts')).version(flags, isPlugin, console));
}
