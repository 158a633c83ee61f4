// The report as a table: each server's figures, and their ratio to Spindle's.
import type { Figures, HttpReport, IdleFigures } from './suite.ts';

const OURS = 'spindle';

export function printReport(report: HttpReport): void {
  console.log(
    `${report.date}  Node ${report.node}  ${report.cores} cores, load ${report.loadBefore} before, ${report.loadAfter} after`,
  );
  console.log(`$ ${report.command}\n`);
  printTable(
    ['guest', 'conns', 'server', 'CPU us/req', 'vs ours', 'req/s', 'ours/it', 'p50 ms', 'p99 ms', 'errors'],
    report.load.map((row) => {
      const ours = find(report.load, row);
      return [
        row.guest,
        String(row.connections),
        row.server,
        round(row.cpuPerRequest.median),
        ratio(row.cpuPerRequest.median, ours?.cpuPerRequest.median),
        round(row.requestsPerSecond.median),
        ratio(ours?.requestsPerSecond.median, row.requestsPerSecond.median),
        row.p50.median.toFixed(2),
        row.p99.median.toFixed(2),
        String(row.errors),
      ];
    }),
  );
  console.log('');
  printTable(
    ['guest', 'server', 'first answer ms', 'anonymous MB', 'proportional MB'],
    report.idle.map((row: IdleFigures) => [
      row.guest,
      row.server,
      `${round(row.start.median)} (${round(row.start.min)}-${round(row.start.max)})`,
      megabytes(row.memory.anonymous),
      megabytes(row.memory.proportional),
    ]),
  );
}

const find = (rows: readonly Figures[], { guest, connections }: Figures): Figures | undefined =>
  rows.find((row) => row.guest === guest && row.connections === connections && row.server === OURS);

const round = (value: number): string => String(Math.round(value));
const megabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(1);
const ratio = (a = Number.NaN, b = Number.NaN): string => `${(a / b).toFixed(2)}x`;

function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of [head, ...rows]) {
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
}
