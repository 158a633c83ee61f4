// `deploy`: image, object, wait. Nothing is written to the cluster before everything that can be known here is known.
import { parseReference } from '@spindle/oci';
import type { Console } from '../../console.ts';
import { parsePairs } from '../../pairs.ts';
import { applyIntent, intentOf, type Intent, type SpecChange } from '../app/change.ts';
import { urlOf } from '../app/view.ts';
import { missingImage } from '../errors.ts';
import { counted } from '../output/counted.ts';
import { createProgress } from '../output/progress.ts';
import { objectName, printValue, typedObject } from '../output/print.ts';
import { SPIN_APPS, type LiveApp } from '../resources.ts';
import { call, inCluster } from '../session.ts';
import { printDifference } from './difference.ts';
import type { DeployFlags } from './flags.ts';
import { imageOf } from './image.ts';
import { waitUntilReady } from './wait.ts';

const TIMEOUT_MS = 120_000;

/** Upstream's. */
const NEW_REPLICAS = 2;

/** As `kubectl diff`: something would change. */
const DIFFERS = 1;

/** Gives the exit status. */
export async function deploy(flags: DeployFlags, console: Console): Promise<number> {
  const from = requiredImage(flags.from);
  const name = flags.name ?? appNameOf(from);
  const variables = [...parsePairs('--variable', flags.variable)];
  if (flags.dryRun === 'client') {
    await dryRunHere(from, name, variables, flags, console);
    return 0;
  }
  const progress = createProgress(name, flags, console);
  return inCluster(flags, console, async (session) => {
    const { namespace } = session;
    // Before anything is built or pushed: whether the cluster is there and lets us look.
    const live = await session.client.find(SPIN_APPS, { namespace, name }, call(session));
    const intent = (image: string): Intent =>
      intentOf({ namespace, name }, live, specOf(image, live, variables, flags));
    const options = { force: flags.forceConflicts ?? false };
    if (flags.diff === true || flags.dryRun === 'server') {
      const stored = await applyIntent(session, intent(from), { ...options, dryRun: true });
      if (flags.diff === true) {
        return printDifference(live, stored, flags, console) ? DIFFERS : 0;
      }
      await printValue(typedObject(SPIN_APPS, stored), yamlOr(flags), console);
      return 0;
    }
    if (live === undefined || flags.push === true || flags.build === true) {
      // Whatever the cluster would refuse it refuses now: nothing is pushed in vain, and nobody waits for a registry.
      await applyIntent(session, intent(from), { ...options, dryRun: true });
    }
    const image = await imageOf(from, flags, console, progress);
    const applied = await applyIntent(session, intent(image), options);
    progress.say('applied', appliedText(live, applied));
    const done = flags.wait
      ? await waitUntilReady(session, name, { timeoutMs: flags.timeout ?? TIMEOUT_MS, progress })
      : applied;
    await printResult(done, flags, console);
    return 0;
  });
}

function requiredImage(from: string | undefined): string {
  if (from === undefined) {
    throw missingImage();
  }
  // Throws what is wrong with it.
  parseReference(from);
  return from;
}

/** Upstream's rule: the last part of the repository. */
export const appNameOf = (image: string): string => parseReference(image).repository.split('/').at(-1) ?? image;

type Variables = readonly (readonly [string, string])[];

/** Only what the command line says; what is not said stays as it is. */
function specOf(image: string, live: LiveApp | undefined, variables: Variables, flags: DeployFlags): SpecChange {
  const { executor, component, imagePullSecret, serviceAccountName } = flags;
  return {
    image,
    ...replicasOf(live, flags.replicas),
    ...(executor === undefined ? {} : { executor }),
    ...(component === undefined ? {} : { components: component }),
    ...(imagePullSecret === undefined ? {} : { imagePullSecrets: imagePullSecret.map((name) => ({ name })) }),
    ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
    ...(variables.length === 0 ? {} : { variables: withVariables(live?.spec.variables ?? [], variables) }),
  };
}

/** A number that somebody has set since, with `scale` or an autoscaler, is theirs. */
function replicasOf(live: LiveApp | undefined, replicas: number | undefined): Pick<SpecChange, 'replicas'> {
  if (replicas !== undefined) {
    return { replicas };
  }
  return live === undefined ? { replicas: NEW_REPLICAS } : {};
}

export const withVariables = (
  before: NonNullable<LiveApp['spec']['variables']>,
  given: Variables,
): NonNullable<LiveApp['spec']['variables']> => [
  ...before.filter(({ name }) => !given.some(([other]) => other === name)),
  ...given.map(([name, value]) => ({ name, value })),
];

async function dryRunHere(
  from: string,
  name: string,
  variables: Variables,
  flags: DeployFlags,
  console: Console,
): Promise<void> {
  const { spec } = intentOf({ namespace: '', name }, undefined, specOf(from, undefined, variables, flags));
  const metadata = { name, ...(flags.namespace === undefined ? {} : { namespace: flags.namespace }) };
  await printValue(
    { apiVersion: 'core.spinkube.dev/v1alpha1', kind: 'SpinApp', metadata, spec },
    yamlOr(flags),
    console,
  );
}

const yamlOr = ({ output }: DeployFlags): 'json' | 'yaml' => (output === 'json' ? 'json' : 'yaml');

function appliedText(before: LiveApp | undefined, after: LiveApp): string {
  const what =
    before === undefined
      ? 'created'
      : before.metadata.generation === after.metadata.generation
        ? 'unchanged'
        : 'configured';
  const changed = before === undefined ? [] : changedFields(before, after);
  const { replicas } = after.spec;
  const details = [
    ...(changed.length === 0 ? [] : [`${changed.join(', ')} changed`]),
    ...(replicas === undefined ? [] : [counted(replicas, 'replica')]),
  ];
  return `${objectName(SPIN_APPS, after.metadata.name)} ${what}, generation ${after.metadata.generation ?? 0}${details.length === 0 ? '' : ` (${details.join('; ')})`}`;
}

function changedFields(before: LiveApp, after: LiveApp): string[] {
  const fields = Object.keys({ ...before.spec, ...after.spec }) as (keyof LiveApp['spec'])[];
  return fields.filter((field) => JSON.stringify(before.spec[field]) !== JSON.stringify(after.spec[field]));
}

async function printResult(app: LiveApp, flags: DeployFlags, console: Console): Promise<void> {
  const url = urlOf(app);
  switch (flags.output) {
    case 'json':
      // The last line; those before say how it went.
      console.out(
        JSON.stringify({
          kind: 'Deployed',
          version: 1,
          app: app.metadata.name,
          namespace: app.metadata.namespace,
          image: app.spec.image,
          ...(url === undefined ? {} : { url }),
        }),
      );
      return;
    case 'yaml':
      await printValue(typedObject(SPIN_APPS, app), 'yaml', console);
      return;
    case 'name':
      console.out(objectName(SPIN_APPS, app.metadata.name));
      return;
    default:
      if (flags.quiet === true && url !== undefined) {
        console.out(url);
      }
  }
}
