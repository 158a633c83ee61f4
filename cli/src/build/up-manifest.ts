// `spindle up` of a manifest that another command has just built, with the words that are meant for it.
import { Command } from 'commander';
import type { Console } from '../console.ts';
import { addUpOptions, type UpFlags } from '../up/options.ts';
import { up } from '../up/up.ts';

/** Throws commander's error when the words are none of `up`. */
export function readUpArgs(args: readonly string[], console: Pick<Console, 'out' | 'err'>): UpFlags {
  const command = addUpOptions(new Command('up'))
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
  return command.opts();
}

export async function upManifest(
  file: string,
  profile: string | undefined,
  args: readonly string[],
  console: Console,
): Promise<void> {
  const flags = readUpArgs(args, console);
  // Just now, whatever SPIN_ALWAYS_BUILD says.
  const own = { ...flags, build: false, from: file, ...(profile === undefined ? {} : { profile }) };
  await up({ flags: own, guestArgs: [] }, console);
}
