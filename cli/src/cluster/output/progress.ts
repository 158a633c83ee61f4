// What a command that takes a while says meanwhile: one line per phase. On a terminal the line of a phase is written anew in
// its place, piped each news is a line, with -o json a JSON document each.
import { stripVTControlCharacters } from 'node:util';
import type { Console } from '../../console.ts';
import type { ClusterFlags } from '../options.ts';
import { painter, type Paint, type Tone } from './style.ts';

export type Phase = 'build' | 'push' | 'image' | 'applied' | 'rollout' | 'ready';

const WIDEST: Phase = 'applied';

export interface Progress {
  /** Nothing happens when it has been said already. */
  say(phase: Phase, text: string, tone?: Tone): void;
}

export type ProgressStyle = 'lines' | 'json' | 'none';

export const progressStyle = ({ output, quiet }: Pick<ClusterFlags, 'output' | 'quiet'>): ProgressStyle =>
  output === 'json' ? 'json' : quiet === true || (output !== undefined && output !== 'table') ? 'none' : 'lines';

export function createProgress(
  app: string,
  flags: Pick<ClusterFlags, 'output' | 'quiet' | 'color'>,
  console: Console,
  now: () => Date = () => new Date(),
): Progress {
  const paint = painter(console, flags.color);
  switch (progressStyle(flags)) {
    case 'none':
      return { say: () => {} };
    case 'json':
      return once((phase, message) =>
        console.out(JSON.stringify({ kind: 'Progress', version: 1, time: now().toISOString(), app, phase, message })),
      );
    case 'lines':
      return once(
        console.terminal === undefined
          ? (phase, text, tone) => console.out(line(app, phase, text, tone, paint))
          : rewriting(app, console.terminal, paint),
      );
  }
}

type Say = Progress['say'];

function once(say: Say): Progress {
  let last = '';
  return {
    say(phase, text, tone) {
      const id = `${phase} ${text}`;
      if (id !== last) {
        last = id;
        say(phase, text, tone);
      }
    },
  };
}

const line = (app: string, phase: Phase, text: string, tone: Tone | undefined, paint: Paint): string =>
  `${app}  ${phase.padEnd(WIDEST.length)}  ${tone === undefined ? text : paint(tone, text)}`;

/** Up one line, and nothing left of what stood there. */
const OVER_LAST = '\u001B[1A\u001B[2K';

function rewriting(app: string, terminal: NonNullable<Console['terminal']>, paint: Paint): Say {
  let before: { phase: Phase; rows: number } | undefined;
  return (phase, text, tone) => {
    const shown = line(app, phase, text, tone, paint);
    const erase = before?.phase === phase ? OVER_LAST.repeat(before.rows) : '';
    terminal.write(`${erase}${shown}\n`);
    before = { phase, rows: Math.max(1, Math.ceil(stripVTControlCharacters(shown).length / terminal.columns())) };
  };
}
