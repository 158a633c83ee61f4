// Which image is deployed: the one that is named, or what was pushed just now, by its digest, so that the same tag twice is a
// change nevertheless.
import { UserError } from '@spindle/api';
import { formatReference, inspectApp, parseReference, storedCredentials } from '@spindle/oci';
import type { Console } from '../../console.ts';
import { userPaths } from '../../paths.ts';
import type { Progress } from '../output/progress.ts';
import type { DeployFlags } from './flags.ts';

/** A registry that only the cluster can reach does not answer at all: nobody should wait for that. */
const LOOK_MS = 3000;

/** Not a Spin app, or damaged: no cluster can run it. */
const HOPELESS = ['SPK2004', 'SPK2009', 'SPK2010', 'SPK2011'];

export async function imageOf(from: string, flags: DeployFlags, console: Console, progress: Progress): Promise<string> {
  if (flags.push === true || flags.build === true) {
    return pushed(from, flags, console, progress);
  }
  const options = {
    insecure: flags.insecure ?? false,
    credentials: storedCredentials(userPaths(console), console.env),
    signal: AbortSignal.timeout(LOOK_MS),
  };
  try {
    const { digest } = await inspectApp(from, options);
    progress.say('image', `${from}  ${digest}`);
  } catch (error) {
    if (error instanceof UserError && HOPELESS.includes(error.code)) {
      throw error;
    }
    // expected: the cluster may have another way to the registry, or logins that we have not.
    progress.say(
      'image',
      `${from}  (not looked at from here: ${error instanceof Error ? error.message : String(error)})`,
      'waiting',
    );
  }
  return from;
}

async function pushed(from: string, flags: DeployFlags, console: Console, progress: Progress): Promise<string> {
  const { file, profile, build, insecure } = flags;
  progress.say('push', from, 'waiting');
  const { push } = await import('../../registry/push.ts');
  const { digest } = await push(
    from,
    {
      compose: 'true',
      ...(file === undefined ? {} : { from: file }),
      ...(profile === undefined ? {} : { profile }),
      ...(build === undefined ? {} : { build }),
      ...(insecure === undefined ? {} : { insecure }),
    },
    // Its own words are not part of the result.
    { ...console, out: () => {} },
  );
  progress.say('push', `${from}  ${digest}`);
  return formatReference({ ...parseReference(from), digest });
}
