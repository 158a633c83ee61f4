// `npm run bench -- watch`: from a saved file to its code serving, beyond what the build takes. Each save is a component
// that nobody has seen before, an edit of the one before; the build copies it and notes when it began and ended.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fixture } from '../../guests/fixtures.ts';
import { machineLoad } from '../process-figures.ts';
import { percentile } from '../stats.ts';
import { printTable } from '../table.ts';
import { judge, printVerdicts } from '../verdict.ts';

/** Guests of languages without an engine, and with large ones. */
const GUESTS: Readonly<Record<string, string>> = { rust: 'rhello', javascript: 'jshello', python: 'pyhello' };

/** What each of them answers begins so. */
const GREETING = 'Hello from';

/** Issue: at most this much beyond the build, for the median save. Spin's debounce of 100 ms is part of it. */
const WANTED_MS = 300;

/** Between saves, as a person would leave at least. */
const PAUSE_MS = 1000;

const ROOT = join(import.meta.dirname, '../../..');

interface Save {
  readonly totalMs: number;
  readonly buildMs: number;
  /** Connections that were ended without an answer meanwhile. */
  readonly lost: number;
}

export async function benchWatch(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      guests: { type: 'string', default: Object.keys(GUESTS).join(',') },
      saves: { type: 'string', default: '20' },
      debounce: { type: 'string', default: '100' },
      out: { type: 'string', default: 'bench-results' },
    },
  });
  execFileSync(process.execPath, [join(ROOT, 'hack/bundle.ts'), '--if-stale', 'cli']);
  const before = machineLoad();
  const figures: { guest: string; saves: Save[] }[] = [];
  for (const guest of values.guests.split(',')) {
    figures.push({ guest, saves: await savesOf(guest, Number(values.saves), values.debounce) });
  }
  const report = {
    date: new Date().toISOString(),
    node: process.version,
    command: `npm run bench -- watch ${args.join(' ')}`.trim(),
    loadBefore: before.oneMinute,
    loadAfter: machineLoad().oneMinute,
    cores: before.cores,
    figures,
  };
  mkdirSync(values.out, { recursive: true });
  const file = resolve(values.out, `watch-${report.date.replaceAll(/[:.]/g, '-')}.json`);
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  print(report.figures);
  console.log(
    `\n${report.cores} cores, load ${report.loadBefore} before, ${report.loadAfter} after\nRaw figures: ${file}`,
  );
}

function print(figures: readonly { guest: string; saves: readonly Save[] }[]): void {
  const beyond = (saves: readonly Save[], percent: number): number =>
    percentile(
      saves.map(({ totalMs, buildMs }) => totalMs - buildMs),
      percent,
    );
  printTable(
    ['guest', 'saves', 'p50 beyond the build', 'p90', 'lost connections'],
    figures.map(({ guest, saves }) => [
      guest,
      String(saves.length),
      `${beyond(saves, 50).toFixed(0)} ms`,
      `${beyond(saves, 90).toFixed(0)} ms`,
      String(saves.reduce((sum, { lost }) => sum + lost, 0)),
    ]),
  );
  console.log('');
  const bound = { atMost: WANTED_MS };
  printVerdicts(
    figures.map(({ guest, saves }) => {
      const value = beyond(saves, 50);
      return {
        figure: `watch, ${guest}: p50 beyond the build`,
        value,
        unit: 'ms',
        bound,
        reached: judge(value, bound, true),
      };
    }),
  );
}

async function savesOf(guest: string, count: number, debounce: string): Promise<Save[]> {
  const folder = mkdtempSync(join(tmpdir(), 'spindle-bench-watch-'));
  const component = await fixture(GUESTS[guest] ?? guest);
  const save = (turn: number): void => writeFileSync(join(folder, 'guest.src'), edited(component, turn));
  writeFileSync(join(folder, 'spin.toml'), MANIFEST);
  save(0);
  const args = ['watch', '--quiet', '--listen', '127.0.0.1:0', '--debounce', debounce, '--state-dir', ''];
  const watching = spawn(process.execPath, [join(ROOT, 'cli/bin/spindle.js'), ...args], {
    cwd: folder,
    env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const url = await servingAt(watching.stdout);
    const saves: Save[] = [];
    for (let turn = 1; turn <= count; turn += 1) {
      const [old] = await ask(url);
      await sleep(PAUSE_MS);
      saves.push(await measure(url, old, folder, () => save(turn)));
    }
    return saves;
  } finally {
    const ended = once(watching, 'exit');
    watching.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

const MANIFEST = `spin_manifest_version = 2
[application]
name = "watched"
[[trigger.http]]
route = "/..."
component = "guest"
[component.guest]
source = "guest.wasm"
[component.guest.build]
command = "date +%s%3N > began; cp guest.src guest.wasm; date +%s%3N > ended"
watch = ["guest.src"]
`;

/**
 * The component with another greeting, as an edit of that text and a build would make it. What else an edit changes where
 * the language has an engine is in the data too: programs built anew with componentize-js and with longer code were
 * compared, section by section.
 */
function edited(component: Uint8Array, turn: number): Uint8Array {
  const bytes = Buffer.from(component);
  const greeting = `${String(turn).padStart(5, '0')}${GREETING.slice(5)}`;
  for (let at = bytes.indexOf(GREETING); at >= 0; at = bytes.indexOf(GREETING, at + 1)) {
    bytes.write(greeting, at);
  }
  return bytes;
}

async function measure(url: string, old: string, folder: string, save: () => void): Promise<Save> {
  const start = Date.now();
  save();
  let lost = 0;
  for (;;) {
    const [answer, isLost] = await ask(url);
    lost += isLost ? 1 : 0;
    if (!isLost && answer !== old) {
      const totalMs = Date.now() - start;
      const noted = (name: string): number => Number(readFileSync(join(folder, name), 'utf8'));
      return { totalMs, buildMs: noted('ended') - noted('began'), lost };
    }
    // Fine enough for tenths of a second, and leaves the processors to what is measured.
    await sleep(5);
  }
}

/** On a connection of its own; whether it ended without an answer. */
async function ask(url: string): Promise<[text: string, isLost: boolean]> {
  try {
    const response = await fetch(url, { headers: { connection: 'close' } });
    return [`${response.status} ${await response.text()}`, false];
  } catch {
    // expected: it is what is counted
    return ['', true];
  }
}

async function servingAt(stdout: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stdout) {
    text += String(chunk);
    const url = /^Serving (\S+)$/m.exec(text)?.[1];
    if (url !== undefined) {
      stdout.resume();
      return url;
    }
  }
  throw new Error(`it never served:\n${text}`);
}
