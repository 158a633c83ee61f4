// `spindle watch`: from its flags to a socket, and to what is served there until a signal comes.
import { findManifest } from '../build/build.ts';
import { readUpArgs } from '../build/up-manifest.ts';
import type { Console } from '../console.ts';
import { argumentsForNobody } from '../errors.ts';
import { parseListen, type UpFlags } from '../up/options.ts';
import { stopSignal } from '../up/stop-signal.ts';
import { Generations } from './generation.ts';
import { ListeningSocket } from './listening-socket.ts';
import type { WatchFlags } from './flags.ts';
import { Watching } from './watching.ts';

/** Resolves after a signal has asked to stop and what runs has ended. */
export async function watchApp(flags: WatchFlags, upArgs: readonly string[], console: Console): Promise<void> {
  const { flags: given, guestArgs } = readUpArgs(upArgs, console);
  if (guestArgs.length > 0) {
    throw argumentsForNobody(guestArgs);
  }
  const file = await findManifest(flags.from ?? flags.file, console);
  // What it counts would begin anew with each reload, on a port that the last run still has.
  const { metricsListen, ...rest } = given;
  if (metricsListen !== undefined) {
    console.err('Warning: --metrics-listen has no effect while the application is watched');
  }
  const upFlags: UpFlags = { ...rest, ...(flags.profile === undefined ? {} : { profile: flags.profile }) };
  const stop = stopSignal(process);
  const socket = await ListeningSocket.open(parseListen(upFlags.listen), upFlags.findFreePort ?? false);
  const generations = new Generations({ file, flags: upFlags, socket, signal: stop.signal, console });
  const watching = new Watching({ file, flags, upFlags, generations, signal: stop.signal, console });
  try {
    await watching.run();
  } finally {
    // First of all, so that nobody waits in its queue for an answer that will not come.
    socket.close();
    await watching.close();
    await generations.close();
    stop.release();
  }
}
