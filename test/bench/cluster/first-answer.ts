// From the command to the first 200 through the Service, and when each step on the way was seen.
import { setTimeout as sleep } from 'node:timers/promises';
import { resource, type KubeObject } from '@spindle/kube';
import { spinApp } from '../../cluster/testing/spin-apps.ts';
import { NAMESPACE, type World } from './world.ts';

export type Way = 'kubectl apply' | 'spindle deploy';

/** Milliseconds since the command was begun; what was not seen before the next step is absent. */
export interface Steps {
  commandEnded?: number;
  serviceMade?: number;
  podMade?: number;
  podScheduled?: number;
  containerStarted?: number;
  podReady?: number;
  answered: number;
}

export interface FirstAnswer {
  readonly way: Way;
  readonly steps: Steps;
}

const LOOK_AGAIN_MS = 20;
const PATIENCE_MS = 120_000;

interface Service extends KubeObject {
  readonly spec: { readonly clusterIP: string };
}
interface Pod extends KubeObject {
  readonly spec: { readonly nodeName?: string };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly state?: { readonly running?: object } }[];
  };
}

const core = { group: '', version: 'v1', namespaced: true };
const SERVICES = resource<Service>({ ...core, plural: 'services', kind: 'Service' });
const PODS = resource<Pod>({ ...core, plural: 'pods', kind: 'Pod' });

export async function firstAnswer(world: World, way: Way, name: string, image: string): Promise<FirstAnswer> {
  const begun = performance.now();
  const since = (): number => performance.now() - begun;
  const steps: Steps = { answered: Number.NaN };
  const command =
    way === 'kubectl apply'
      ? world.cluster.apply(spinApp(NAMESPACE, name, { image }))
      : world.spindle('deploy', '--from', image, '--name', name, '--replicas', '1', '-n', NAMESPACE);
  const ended = command.then(() => (steps.commandEnded = since()));
  const stop = new AbortController();
  const watching = Promise.all([watchPod(world, name, steps, since, stop.signal), ended]);
  try {
    await answer(world, name, steps, since);
  } finally {
    stop.abort();
  }
  await watching;
  return { way, steps };
}

async function answer(world: World, name: string, steps: Steps, since: () => number): Promise<void> {
  let address = '';
  while (since() < PATIENCE_MS) {
    if (address === '') {
      const { items } = await world.client.list(SERVICES, { namespace: NAMESPACE });
      address = items.find(({ metadata }) => metadata.name === name)?.spec.clusterIP ?? '';
      steps.serviceMade = since();
    } else if (await answers(`http://${address}/`)) {
      steps.answered = since();
      return;
    }
    await sleep(LOOK_AGAIN_MS);
  }
  throw new Error(`${name} did not answer within ${PATIENCE_MS} ms`);
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { headers: { connection: 'close' }, signal: AbortSignal.timeout(1_000) });
    await response.text();
    return response.status === 200;
  } catch {
    // expected: no pod is behind it yet.
    return false;
  }
}

async function watchPod(
  { client }: World,
  name: string,
  steps: Steps,
  since: () => number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const labelSelector = `core.spinkube.dev/app-name=${name}`;
    const [pod] = (await client.list(PODS, { namespace: NAMESPACE, labelSelector })).items;
    if (pod !== undefined) {
      steps.podMade ??= since();
      if (pod.spec.nodeName !== undefined) {
        steps.podScheduled ??= since();
      }
      if (pod.status?.containerStatuses?.[0]?.state?.running !== undefined) {
        steps.containerStarted ??= since();
      }
      if (pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true) {
        steps.podReady ??= since();
      }
    }
    await sleep(LOOK_AGAIN_MS);
  }
}
