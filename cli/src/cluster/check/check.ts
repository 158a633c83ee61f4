// `check` and the doctor of clusters: what an installation needs, in the order in which things depend on each other.
import { ApiError } from '@spindle/kube';
import type { Console } from '../../console.ts';
import { problemsFound } from '../errors.ts';
import { explained } from '../failures.ts';
import type { ClusterFlags } from '../options.ts';
import { printValue } from '../output/print.ts';
import { painter } from '../output/style.ts';
import { inCluster, type Session } from '../session.ts';
import { checkApps } from './apps.ts';
import { checkDefinitions } from './definitions.ts';
import { checkExecutors } from './executors.ts';
import { failed, ok, skipped, type Finding, type State } from './finding.ts';
import { checkOperator } from './operator.ts';
import { checkPermissions } from './permissions.ts';
import { checkWebhooks } from './webhooks.ts';

/** The oldest minor version with what the definitions need (validation rules of CEL are general since 1.29). */
const OLDEST_MINOR = 29;

export interface CheckFlags extends ClusterFlags {
  /** Before an installation. */
  readonly pre?: boolean;
  /** Names of checks that are not made. */
  readonly skip?: readonly string[];
}

export interface CheckScope {
  /** Apps too, all of the namespace or this one; `false` for none. */
  readonly apps: string | boolean;
}

export async function checkCluster(flags: CheckFlags, { apps }: CheckScope, console: Console): Promise<void> {
  await inCluster(flags, console, async (session) => {
    const made = await (flags.pre === true ? before(session) : after(session, apps));
    const findings = made.filter(({ check }) => flags.skip?.includes(check) !== true);
    await print(findings, flags, console);
    const problems = findings.filter(({ state }) => state === 'failed').length;
    if (problems > 0) {
      throw problemsFound(problems);
    }
  });
}

async function before(session: Session): Promise<Finding[]> {
  return [...(await checkServer(session)), ...(await checkPermissions(session, 'installation'))];
}

async function after(session: Session, apps: CheckScope['apps']): Promise<Finding[]> {
  const now = new Date();
  const server = await checkServer(session);
  const definitions = await guarded('definitions', session, () => checkDefinitions(session));
  const rest = await Promise.all([
    guarded('operator', session, () => checkOperator(session, now)),
    guarded('webhooks', session, () => checkWebhooks(session, now)),
    guarded('executors', session, () => checkExecutors(session)),
    guarded('permissions', session, () => checkPermissions(session, 'apps')),
    apps === false ? [] : guarded('apps', session, () => checkApps(session, apps === true ? undefined : apps)),
  ]);
  return [...server, ...definitions, ...rest.flat()];
}

async function checkServer({ transport, access, signal }: Session): Promise<Finding[]> {
  const { body } = await transport.request({ method: 'GET', path: '/version', signal });
  const { gitVersion = '', minor = '' } = body as { readonly gitVersion?: string; readonly minor?: string };
  const isOld = Number.parseInt(minor, 10) < OLDEST_MINOR;
  return [
    isOld
      ? failed('kubernetes', `${access.server.host} is ${gitVersion}`, `Upgrade it to 1.${OLDEST_MINOR} or later.`)
      : ok('kubernetes', `${access.server.host}, ${gitVersion}`),
  ];
}

/** One check that cannot be made says so, and the others go on. */
async function guarded(check: string, { access }: Session, make: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof ApiError)) {
      throw error;
    }
    // expected: no permission, or a resource that the cluster does not have.
    const reason = explained(error, access.server.host);
    return [skipped(check, reason instanceof Error ? reason.message : String(reason))];
  }
}

const MARKS: Readonly<Record<State, string>> = { ok: '√', note: '!', failed: '×', skipped: '-' };
const TONES = { ok: 'good', note: 'waiting', failed: 'bad', skipped: 'dim' } as const;

async function print(findings: readonly Finding[], flags: CheckFlags, console: Console): Promise<void> {
  if (flags.output === 'json' || flags.output === 'yaml') {
    await printValue({ kind: 'Check', version: 1, findings }, flags.output, console);
    return;
  }
  const paint = painter(console, flags.color);
  const width = Math.max(...findings.map(({ check }) => check.length));
  for (const { check, state, message, remedy } of findings) {
    if (flags.quiet === true && state !== 'failed') {
      continue;
    }
    console.out(`${paint(TONES[state], MARKS[state])} ${check.padEnd(width)}  ${message.replaceAll('\n', '\n    ')}`);
    if (remedy !== undefined) {
      console.out(`    ${remedy}`);
    }
  }
}
