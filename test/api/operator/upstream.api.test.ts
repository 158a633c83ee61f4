// Every input that upstream's operator was seen to take, given to ours, on the same API server, with the webhooks on: the same
// objects and the same refusals, but for the differences that are listed here.
import type { SpinApp } from '@spindle/api';
import { ApiError, type KubeObject, type ResourceType } from '@spindle/kube';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../hack/services/server-process.ts';
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  EXECUTORS,
  SECRETS,
  SERVICES,
  SPIN_APPS,
} from '../../../operator/src/reconcile/resources.ts';
import { eventually, startTestCluster, until, type TestCluster } from './testing/cluster.ts';
import { startOperator, type OperatorProcess } from './testing/operator-process.ts';
import { asKubectl, comparable, UPSTREAM_CASES, upstreamCase, type UpstreamCase } from './testing/upstream-cases.ts';
import { installWebhooks, trustedBy } from './testing/webhook-configurations.ts';

/** Upstream refuses these; here they are taken, since they heal by themselves or never were wrong. */
const TAKEN: Readonly<Record<string, string>> = {
  'bad-executor-missing': 'the executor may come later',
  'bad-no-executor-anywhere': 'the operator has an executor of its own',
  checks: 'upstream’s own webhook makes the null that the schema then refuses',
  everything: 'the same',
};

/** Upstream takes these, and their apps can never run: its webhook makes an empty string of what is missing. */
const REFUSED: Readonly<Record<string, string>> = {
  'bad-executor-no-create': 'The SpinAppExecutor "e" is invalid: spec.createDeployment: Required value',
  'bad-image-absent': 'The SpinApp "hello" is invalid: spec.image: Required value',
  'bad-kv-without-type': 'The SpinApp "hello" is invalid: spec.runtimeConfig.keyValueStores[0].type: Required value',
  'bad-variable-without-name': 'The SpinApp "hello" is invalid: spec.variables[0].name: Required value',
  'executor-no-deployment-config':
    'The SpinAppExecutor "e" is invalid: spec.deploymentConfig: Required value: deploymentConfig must be given when createDeployment is true',
};

/** Refused by both, in other words: the schema refuses here, webhooks or not, and it cannot print a value with its rule. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  'bad-executor-both':
    'The SpinAppExecutor "containerd-shim-spin" is invalid: spec.deploymentConfig.runtimeClassName: Invalid value: runtimeClassName and spinImage are mutually exclusive',
  'bad-executor-neither':
    'The SpinAppExecutor "containerd-shim-spin" is invalid: spec.deploymentConfig.runtimeClassName: Invalid value: either runtimeClassName or spinImage must be set',
  'bad-replicas-with-autoscaling':
    'The SpinApp "hello" is invalid: spec.replicas: Invalid value: replicas cannot be set when autoscaling is enabled',
  // The scale subresource’s own rule.
  'bad-replicas-negative':
    'The SpinApp "hello" is invalid: .spec.replicas: Invalid value: -1: should be a non-negative integer',
  // The field is named, which the decoder of upstream’s webhook does not do.
  'bad-quantity':
    'The SpinApp "hello" is invalid: spec.resources.limits.memory: Invalid value: "big": spec.resources.limits.memory in body should match \'^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$\'',
  'bad-replicas-type':
    'The SpinApp "hello" is invalid: \n* spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string"\n* .spec.replicas: Invalid value: 0: .spec.replicas accessor error: three is of the type string, expected int64',
  // What is missing is named, not what upstream’s webhook made of it.
  'bad-probe-without-path': 'The SpinApp "hello" is invalid: spec.checks.liveness.httpGet.path: Required value',
  // The executor may come later.
  'bad-two-errors': 'The SpinApp "hello" is invalid: spec.replicas: Invalid value: 0: replicas must be > 0',
};

/** kubectl names where it read the object. */
const KUBECTL_PREFIX = /^Error from server( \(\w+\))?: error when creating "STDIN": /;

/** Upstream makes what cannot run, or nothing, and says nothing: the reason that the status gives instead. */
const TOLD: Readonly<Record<string, string>> = {
  'checks-without-httpget': 'SpecInvalid',
  'runtime-config-duplicate-store': 'RuntimeConfigInvalid',
  'runtime-config-missing-secret': 'SecretNotFound',
};

let cluster: TestCluster;
let operator: OperatorProcess;

beforeAll(async () => {
  cluster = await startTestCluster();
  const webhookPort = await freePort();
  await installWebhooks(cluster.client, webhookPort);
  operator = await startOperator({ kubeconfig: cluster.operator, webhookPort });
  await trustedBy(cluster.client);
});
afterAll(async () => {
  await operator?.stop();
  await cluster?.stop();
});

function resourceOf({ kind }: KubeObject): ResourceType {
  const found = [SPIN_APPS, EXECUTORS, SECRETS, CONFIG_MAPS].find((type) => type.kind === kind);
  if (found === undefined) {
    throw new Error(`an object of kind ${kind} among the inputs`);
  }
  return found;
}

interface Given {
  readonly namespace: string;
  readonly uid: string;
  /** Empty when it was taken. */
  readonly refusal: string;
}

async function give({ dependencies, object }: UpstreamCase): Promise<Given> {
  const namespace = await cluster.newNamespace();
  const within = (one: KubeObject): KubeObject => ({ ...one, metadata: { ...one.metadata, namespace } });
  for (const dependency of dependencies) {
    await cluster.client.create(resourceOf(dependency), within(dependency));
  }
  await until('the operator holds the executors', async () => {
    const { items } = await cluster.client.list(EXECUTORS, { namespace });
    return items.every(({ metadata }) => (metadata.finalizers?.length ?? 0) > 0);
  });
  try {
    const { metadata } = await cluster.client.create(resourceOf(object), within(object));
    return { namespace, uid: metadata.uid ?? '', refusal: '' };
  } catch (error) {
    if (!(error instanceof ApiError)) {
      throw error;
    }
    // expected: it is what is asked for.
    return { namespace, uid: '', refusal: asKubectl(object, error) };
  }
}

const settled = (namespace: string, name: string): Promise<SpinApp> =>
  eventually(`the status of ${name} is written`, async () => {
    const app = await cluster.client.get(SPIN_APPS, { namespace, name });
    return app.status?.observedGeneration === app.metadata.generation ? app : undefined;
  });

async function made({ dependencies }: UpstreamCase, { namespace, uid }: Given): Promise<Record<string, unknown[]>> {
  const all = async (type: ResourceType): Promise<unknown[]> => {
    const { items } = await cluster.client.list(type, { namespace });
    const isGiven = ({ metadata }: KubeObject): boolean =>
      dependencies.some((one) => one.kind === type.kind && one.metadata.name === metadata.name);
    return items.filter((item) => !isGiven(item)).map((item) => comparable(item, namespace, uid));
  };
  return { deployments: await all(DEPLOYMENTS), services: await all(SERVICES), secrets: await all(SECRETS) };
}

const recorded = (objects: readonly KubeObject[] = []): unknown[] =>
  objects.map((object) => comparable(object, '<ns>', '<uid>'));

const isListed = ({ case: name, rejected, object }: UpstreamCase): boolean =>
  rejected !== undefined || object.kind === 'SpinApp' || name in REFUSED;

it('no input is left out', () => {
  expect(UPSTREAM_CASES.filter((one) => !isListed(one))).toEqual([]);
  expect(UPSTREAM_CASES).toHaveLength(57);
});

describe('what upstream refuses is refused in the same words', () => {
  const cases = UPSTREAM_CASES.filter(({ rejected, case: name }) => rejected !== undefined && !(name in TAKEN));
  it.each(cases.map((one) => [one.case, one] as const))('%s', async (name, one) => {
    expect((await give(one)).refusal).toBe(OTHER_WORDS[name] ?? one.rejected?.replace(KUBECTL_PREFIX, ''));
  });
});

describe('what upstream refuses without need is taken', () => {
  it.each(Object.entries(TAKEN))('%s: %s', async (name) => {
    expect((await give(upstreamCase(name))).refusal).toBe('');
  });
});

describe('what upstream takes although it can never run is refused', () => {
  it.each(Object.entries(REFUSED))('%s', async (name, words) => {
    expect((await give(upstreamCase(name))).refusal).toBe(words);
  });
});

describe('what upstream makes of an app is made', () => {
  const cases = UPSTREAM_CASES.filter(
    ({ rejected, object, case: name }) =>
      rejected === undefined && object.kind === 'SpinApp' && !(name in REFUSED) && !(name in TOLD),
  );
  it.each(cases.map((one) => [one.case, one] as const))('%s', async (_name, one) => {
    const given = await give(one);
    expect(given.refusal).toBe('');
    const { spec, status } = await settled(given.namespace, one.object.metadata.name);

    expect(await made(one, given)).toEqual({
      deployments: recorded(one.deployments),
      services: recorded(one.services),
      secrets: recorded(one.secrets),
    });
    const before = (one.stored?.[0] as SpinApp | undefined)?.status;
    expect(status).toMatchObject({
      activeScheduler: spec.executor,
      readyReplicas: before?.readyReplicas ?? 0,
      ...(before?.deploymentName === undefined ? {} : { deploymentName: before.deploymentName }),
      serviceName: one.object.metadata.name,
    });
  });
});

describe('where upstream makes what cannot run, or nothing and says nothing, the status tells', () => {
  it.each(Object.entries(TOLD))('%s: %s', async (name, reason) => {
    const one = upstreamCase(name);
    const given = await give(one);
    const { status } = await settled(given.namespace, one.object.metadata.name);
    expect(status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason });
    expect((await made(one, given))['deployments']).toEqual([]);
  });
});
