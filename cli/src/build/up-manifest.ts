// `spindle up` of a manifest that another command has just built, with the words that are meant for it.
import { Command } from 'commander';
import type { Console } from '../console.ts';
import { addUpOptions, type UpFlags } from '../up/options.ts';
import { up } from '../up/up.ts';

export interface UpWords {
  readonly flags: UpFlags;
  /** Words that are no flags: for the command of an app. */
  readonly guestArgs: readonly string[];
}

/** Throws commander's error when there are flags that `up` does not have. */
export function readUpArgs(args: readonly string[], console: Pick<Console, 'out' | 'err'>): UpWords {
  const command = addUpOptions(new Command('up'))
    .argument('[arguments...]')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => console.out(text.replace(/\n$/, '')),
      writeErr: (text) => console.err(text.replace(/\n$/, '')),
    });
  // Behind a flag of `up` the word that parts the two kinds is still there: `watch --quiet -- --listen …`.
  command.parse(
    args.filter((word) => word !== '--'),
    { from: 'user' },
  );
  return { flags: command.opts(), guestArgs: command.args };
}

export async function upManifest(
  file: string,
  profile: string | undefined,
  args: readonly string[],
  console: Console,
): Promise<number> {
  const { flags, guestArgs } = readUpArgs(args, console);
  // Just now, whatever SPIN_ALWAYS_BUILD says.
  const own = { ...flags, build: false, from: file, ...(profile === undefined ? {} : { profile }) };
  return up({ flags: own, guestArgs }, console);
}
