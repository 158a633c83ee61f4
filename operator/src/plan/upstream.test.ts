// Every object that upstream's operator made of an input, on a real API server, against what is planned for the same input
// (test/upstream/operator).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigMap, Secret, SpinApp, SpinAppExecutor } from '@spindle/api';
import { describe, expect, it } from 'vitest';
import {
  CONFIG_HASH_ANNOTATION,
  planSpinApp,
  type DeploymentObject,
  type PlanInputs,
  type SecretObject,
  type ServiceObject,
} from './index.ts';

const CASES = join(import.meta.dirname, '../../../test/upstream/operator');
const UID = '<uid>';

interface Recorded {
  readonly case: string;
  readonly dependencies: readonly (SpinAppExecutor | Secret | ConfigMap)[];
  readonly stored?: readonly SpinApp[];
  readonly deployments?: readonly unknown[];
  readonly services?: readonly unknown[];
  readonly secrets?: readonly { readonly metadata: { readonly name: string } }[];
}

/** Where upstream makes what can never run, or nothing and says nothing: the reason that is told instead. */
const TOLD_INSTEAD: Readonly<Record<string, string>> = {
  'bad-variable-without-name': 'SpecInvalid',
  'checks-without-httpget': 'SpecInvalid',
  'runtime-config-duplicate-store': 'RuntimeConfigInvalid',
  'runtime-config-missing-secret': 'SecretNotFound',
};

const recorded = readdirSync(CASES)
  .map((file) => JSON.parse(readFileSync(join(CASES, file), 'utf8')) as Recorded)
  .filter(({ stored }) => stored?.[0]?.kind === 'SpinApp' && stored[0].spec.image !== '');

describe('what upstream makes of an app is what is planned', () => {
  it.each(recorded.filter((one) => !(one.case in TOLD_INSTEAD)).map((one) => [one.case, one] as const))(
    '%s',
    (_name, one) => {
      const plan = planSpinApp(inputsOf(one));

      expect(planned(plan.deployment)).toEqual((one.deployments ?? []).map((object) => asSent(object, appOf(one))));
      expect(planned(plan.service)).toEqual((one.services ?? []).map((object) => asSent(object, appOf(one))));
      expect(planned(plan.secret)).toEqual(
        (one.secrets ?? [])
          .filter(({ metadata: { name } }) => name.startsWith(`${appOf(one).metadata.name}-`))
          .map((object) => asSent(object, appOf(one))),
      );
    },
  );

  it.each(Object.entries(TOLD_INSTEAD))('%s is told instead: %s', (name, reason) => {
    const one = recorded.find((candidate) => candidate.case === name);
    if (one === undefined) {
      throw new Error(`no case ${name}`);
    }
    const plan = planSpinApp(inputsOf(one));

    expect(plan.problems[0]?.reason).toBe(reason);
    expect([plan.deployment, plan.secret]).toEqual([undefined, undefined]);
    expect(plan.status.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason });
  });
});

function appOf({ stored }: Recorded): SpinApp {
  const [app] = stored ?? [];
  if (app === undefined) {
    throw new Error('nothing was stored');
  }
  return app;
}

function inputsOf(one: Recorded): PlanInputs {
  const app = appOf(one);
  const objects = one.dependencies;
  return {
    app: { ...app, metadata: { ...app.metadata, uid: UID, generation: 1 } },
    executors: objects.filter((object) => object.kind === 'SpinAppExecutor'),
    sharedExecutors: new Map(),
    runtimeImage: 'ghcr.io/example/runtime:v1',
    values: (kind, name) => {
      const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
      return found === undefined ? undefined : textOf(found as Secret | ConfigMap);
    },
    deployment: undefined,
    service: undefined,
    secrets: [],
    mountedSecrets: undefined,
    hasSecret: () => false,
    now: '2026-01-01T00:00:00Z',
  };
}

const textOf = (object: Secret | ConfigMap): Record<string, string> => ({
  ...(object.kind === 'Secret'
    ? {
        ...Object.fromEntries(
          Object.entries(object.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
        ),
        ...object.stringData,
      }
    : object.data),
});

/** Fields that the API server adds to what it gets; `''` stands for any value. */
const SERVER_DEFAULTS: Readonly<Record<string, readonly unknown[]>> = {
  progressDeadlineSeconds: [600],
  revisionHistoryLimit: [10],
  strategy: ['any'],
  imagePullPolicy: ['any'],
  terminationMessagePath: ['any'],
  terminationMessagePolicy: ['any'],
  dnsPolicy: ['any'],
  restartPolicy: ['any'],
  schedulerName: ['any'],
  securityContext: ['any'],
  serviceAccount: ['any'],
  terminationGracePeriodSeconds: [30],
  defaultMode: [420],
  internalTrafficPolicy: ['any'],
  ipFamilies: ['any'],
  ipFamilyPolicy: ['any'],
  sessionAffinity: ['any'],
  status: ['any'],
  scheme: ['HTTP'],
};

/** An object without what the API server adds or would have added. */
function asSent(object: unknown, { spec }: SpinApp): unknown {
  const sent = withoutDefaults(object, '') as { spec?: { replicas?: number } };
  if (spec.enableAutoscaling === true && sent.spec !== undefined) {
    delete sent.spec.replicas;
  }
  return sent;
}

/** The annotation by which changes of what pods read are noticed is the one thing more, and not on the pods. */
function planned(object: DeploymentObject | ServiceObject | SecretObject | undefined): unknown[] {
  if (object === undefined) {
    return [];
  }
  const { [CONFIG_HASH_ANNOTATION]: _hash, ...annotations } = object.metadata.annotations ?? {};
  const { annotations: _all, ...metadata } = object.metadata;
  const kept = Object.keys(annotations).length === 0 ? metadata : { ...metadata, annotations };
  return [withoutDefaults({ ...object, metadata: kept }, '')];
}

function withoutDefaults(value: unknown, parent: string): unknown {
  if (Array.isArray(value)) {
    return value.map((item: unknown) => withoutDefaults(item, parent));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value).filter(([key, inner]) => {
    const defaults = SERVER_DEFAULTS[key];
    const isDefault = defaults !== undefined && (defaults[0] === 'any' || defaults.includes(inner));
    return !isDefault && !addedByPlace(key, inner, parent);
  });
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutDefaults(inner, key)]));
}

/** Defaults that depend on where they stand. */
const addedByPlace = (key: string, value: unknown, parent: string): boolean =>
  (parent === 'ports' && key === 'protocol' && value === 'TCP') ||
  (key === 'resources' && Object.keys(value as object).length === 0) ||
  (parent === 'fieldRef' && key === 'apiVersion') ||
  (key === 'type' && value === 'Opaque') ||
  (parent === 'resourceFieldRef' && key === 'divisor') ||
  (parent === '' && key === 'namespace');
