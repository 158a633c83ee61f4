// `npm run bench -- engine`: what a request costs without HTTP, by guest and by reset mode.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { RESET_MODES, type ResetMode } from '../../../runtime-node/src/component/reset/index.ts';
import { machineLoad } from '../process-figures.ts';
import { spread } from '../stats.ts';
import { printTable } from '../table.ts';
import { printVerdicts } from '../verdict.ts';
import type { LoopFigures, Percentiles } from './loop.ts';
import { GUESTS, verdicts } from './targets.ts';

export async function benchEngine(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      guests: { type: 'string', default: GUESTS.join(',') },
      modes: { type: 'string', default: RESET_MODES.join(',') },
      rounds: { type: 'string', default: '5' },
      count: { type: 'string', default: '5000' },
      // The optimising compilers come to the last of what runs often after tens of thousands of requests.
      'warm-up': { type: 'string', default: '50000' },
      out: { type: 'string', default: 'bench-results' },
    },
  });
  const before = machineLoad();
  const figures: LoopFigures[] = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const guest of values.guests.split(',')) {
      for (const mode of values.modes.split(',') as ResetMode[]) {
        console.error(`round ${round + 1}: ${guest}, ${mode}`);
        const found = loop(guest, mode, values.count, values['warm-up']);
        if (found !== undefined) {
          figures.push(found);
        }
      }
    }
  }
  const report = {
    date: new Date().toISOString(),
    node: process.version,
    command: `npm run bench -- engine ${args.join(' ')}`.trim(),
    loadBefore: before.oneMinute,
    loadAfter: machineLoad().oneMinute,
    cores: before.cores,
    figures,
    verdicts: verdicts(figures),
  };
  mkdirSync(values.out, { recursive: true });
  const file = resolve(values.out, `engine-${report.date.replaceAll(/[:.]/g, '-')}.json`);
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  console.log(
    `${report.date}  Node ${report.node}  ${report.cores} cores, load ${report.loadBefore} before, ${report.loadAfter} after`,
  );
  console.log(`$ ${report.command}\n`);
  printFigures(figures);
  console.log('');
  printVerdicts(report.verdicts);
  console.log(`\nRaw figures: ${file}`);
}

/** undefined where this machine does not have the mode. */
function loop(guest: string, mode: ResetMode, count: string, warmUp: string): LoopFigures | undefined {
  const output = execFileSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'loop.ts'), guest, mode, count, warmUp],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const found = JSON.parse(output) as LoopFigures | { readonly unavailable: string };
  if ('unavailable' in found) {
    console.error(found.unavailable);
    return undefined;
  }
  return found;
}

/** Median of the rounds. */
const over = (rounds: readonly LoopFigures[], part: 'reset' | 'run' | 'total', which: keyof Percentiles): string =>
  spread(rounds.map((round) => round[part][which])).median.toFixed(1);

/** One line for each guest and mode: medians of the rounds. */
function printFigures(figures: readonly LoopFigures[]): void {
  const groups = Map.groupBy(figures, ({ guest, mode, callMode }) => `${guest} ${mode} ${callMode}`);
  printTable(
    [
      'guest',
      'mode',
      'call',
      'reset us',
      'p10',
      'p95',
      'run us',
      'p10',
      'p95',
      'total us',
      'p10',
      'p95',
      'calibration us',
    ],
    [...groups].map(([name, rounds]) => [
      ...name.split(' '),
      ...(['reset', 'run', 'total'] as const).flatMap((part) =>
        (['median', 'p10', 'p95'] as const).map((which) => over(rounds, part, which)),
      ),
      spread(rounds.map(({ calibration }) => calibration)).median.toFixed(0),
    ]),
  );
}
