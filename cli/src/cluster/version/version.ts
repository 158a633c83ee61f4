// `version`: of the command line, of Spin when it has started us, and of the cluster if there is one.
import type { Console } from '../../console.ts';
import { VERSION } from '../../version.ts';
import type { ClusterFlags } from '../options.ts';
import { printValue } from '../output/print.ts';
import { inCluster } from '../session.ts';

/** Upstream's: the longest of its three names. */
const WIDTH = 'Plugin Version'.length;

/** Nobody wants to wait for a cluster here. */
const DEADLINE_MS = 3000;

export interface VersionFlags extends ClusterFlags {
  readonly short?: boolean;
}

/** `name` is what we are called: the plugin's own version has upstream's words. */
export async function version(flags: VersionFlags, isPlugin: boolean, console: Console): Promise<void> {
  if (flags.short === true) {
    console.out(VERSION);
    return;
  }
  const spin = console.env['SPIN_VERSION'];
  const kubernetes = await clusterVersion(flags, console);
  if (flags.output === 'json' || flags.output === 'yaml') {
    await printValue({ kind: 'Versions', version: 1, spindle: VERSION, spin, kubernetes }, flags.output, console);
    return;
  }
  const say = (what: string, text: string): void => console.out(`${what.padEnd(WIDTH)}: ${text}`);
  say(isPlugin ? 'Plugin Version' : 'Spindle', VERSION);
  if (spin !== undefined) {
    say('Spin Version', `v${spin.replace(/^v/, '')}`);
  }
  if (kubernetes !== undefined) {
    say('Kubernetes Version', kubernetes);
  }
}

async function clusterVersion(flags: ClusterFlags, console: Console): Promise<string | undefined> {
  try {
    return await inCluster(flags, console, async ({ transport, signal }) => {
      const { body } = await transport.request({ method: 'GET', path: '/version', signal, deadlineMs: DEADLINE_MS });
      const { gitVersion } = body as { readonly gitVersion?: unknown };
      return typeof gitVersion === 'string' ? gitVersion : undefined;
    });
  } catch {
    // expected: the version of the program is an answer without any cluster.
    return undefined;
  }
}
