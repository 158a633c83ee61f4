// `npm run bench -- cluster`: what somebody waits for who installs Spindle on a cluster and runs an app there. A whole cluster is
// started for it (hack/cluster): it needs root.
import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { installExecutor, pushApp } from '../../cluster/testing/spin-apps.ts';
import { machineLoad } from '../process-figures.ts';
import { percentile, spread } from '../stats.ts';
import { printTable } from '../table.ts';
import { printVerdicts } from '../verdict.ts';
import { firstAnswer, type FirstAnswer, type Steps, type Way } from './first-answer.ts';
import { idlePod } from './memory.ts';
import type { ClusterReport } from './report.ts';
import { rolling } from './rolling.ts';
import { verdicts } from './targets.ts';
import { NAMESPACE, startWorld, type World } from './world.ts';

const PARTS = ['install', 'first-answer', 'rolling', 'memory'] as const;
const WAYS: readonly Way[] = ['kubectl apply', 'spindle deploy'];
const MEGABYTE = 1_000_000;

export async function benchCluster(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: PARTS.join(',') },
      installs: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '10' },
      rate: { type: 'string', default: '500' },
      out: { type: 'string', default: 'bench-results' },
    },
  });
  const world = await startWorld();
  try {
    const before = machineLoad();
    const parts = values.only.split(',');
    const part = async <T>(name: (typeof PARTS)[number], measure: () => Promise<T>): Promise<T | undefined> => {
      if (!parts.includes(name)) {
        return undefined;
      }
      console.error(name);
      return measure();
    };
    const installSeconds = await part('install', () => installs(world, Number(values.installs)));
    await world.install();
    await installExecutor(world.cluster, NAMESPACE);
    const image = await pushApp(world.cluster, 'bench:v1', 'First');
    const next = await pushApp(world.cluster, 'bench:v2', 'Second');
    const report: ClusterReport = {
      date: new Date().toISOString(),
      node: process.version,
      command: `npm run bench -- cluster ${args.join(' ')}`.trim(),
      cores: before.cores,
      loadBefore: before.oneMinute,
      imageBytes: world.imageBytes,
      installSeconds,
      firstAnswers: await part('first-answer', () => answers(world, image, Number(values.rounds))),
      rolling: await part('rolling', () => rolling(world, [image, next], Number(values.rate))),
      idlePodBytes: await part('memory', () => idlePod(world, image)),
      loadAfter: machineLoad().oneMinute,
    };
    const found = verdicts(report);
    mkdirSync(values.out, { recursive: true });
    const file = resolve(values.out, `cluster-${report.date.replaceAll(/[:.]/g, '-')}.json`);
    writeFileSync(file, `${JSON.stringify({ ...report, verdicts: found }, null, 2)}\n`);
    console.log(
      `${report.date}  Node ${report.node}  ${report.cores} cores, load ${report.loadBefore} before, ${report.loadAfter} after`,
    );
    console.log(`$ ${report.command}\n`);
    print(report);
    printVerdicts(found);
    console.log(`\nRaw figures: ${file}`);
  } finally {
    await world.stop();
  }
}

async function installs(world: World, rounds: number): Promise<number[]> {
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const begun = performance.now();
    await world.install();
    seconds.push((performance.now() - begun) / 1000);
    await world.uninstall();
  }
  return seconds;
}

/** The first of each way is not counted: it loads what the following find in the caches of the machine. */
async function answers(world: World, image: string, rounds: number): Promise<FirstAnswer[]> {
  const found: FirstAnswer[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    for (const way of WAYS) {
      const name = `first-${way.split(' ')[0]}-${round}`;
      const one = await firstAnswer(world, way, name, image);
      await world.cluster.kubectl(
        '-n',
        NAMESPACE,
        'delete',
        `spinapp/${name}`,
        '--cascade=foreground',
        '--timeout=120s',
      );
      if (round > 0) {
        found.push(one);
      }
    }
  }
  return found;
}

const STEPS: readonly (keyof Steps)[] = [
  'serviceMade',
  'podMade',
  'podScheduled',
  'containerStarted',
  'podReady',
  'answered',
  'commandEnded',
];

function print({ installSeconds, firstAnswers, rolling: rolled, idlePodBytes }: ClusterReport): void {
  if (installSeconds !== undefined) {
    const { median, min, max } = spread(installSeconds);
    console.log(`helm install --wait: ${median.toFixed(1)} s (${min.toFixed(1)} to ${max.toFixed(1)})\n`);
  }
  if (firstAnswers !== undefined) {
    printTable(
      ['p50 ms after the command', ...STEPS, 'answered p90'],
      WAYS.map((way) => {
        const of = (step: keyof Steps): number[] =>
          firstAnswers.filter((one) => one.way === way).flatMap(({ steps }) => steps[step] ?? []);
        const p50 = STEPS.map((step) => percentile(of(step), 50).toFixed(0));
        return [way, ...p50, percentile(of('answered'), 90).toFixed(0)];
      }),
    );
    console.log('');
  }
  if (rolled !== undefined) {
    for (const [what, sent] of [
      ['before the update', rolled.before],
      ['rolling update', rolled],
    ] as const) {
      const { requests, seconds, failures } = sent;
      console.log(`${what}: ${requests} requests in ${seconds.toFixed(0)} s, failed: ${JSON.stringify(failures)}`);
    }
  }
  if (idlePodBytes !== undefined) {
    console.log(`an idle pod of an app: ${(idlePodBytes / MEGABYTE).toFixed(1)} MB (PSS)\n`);
  }
}
