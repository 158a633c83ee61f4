// SpinKube's own tables of what its webhooks accept and refuse (control-plane contract §9.1), one row each.
import type { SpinAppExecutorSpec, SpinAppSpec } from '@spindle/api';
import { expect, it } from 'vitest';
import { validateExecutor } from './validate-executor.ts';
import { validateSpinApp } from './validate-spin-app.ts';

const errors = (spec: Partial<SpinAppSpec>, executor?: SpinAppExecutorSpec): string[] =>
  validateSpinApp(
    {
      apiVersion: 'core.spinkube.dev/v1alpha1',
      kind: 'SpinApp',
      metadata: { name: 'hello' },
      spec: { image: 'a', replicas: 1, ...spec },
    },
    executor,
  ).map(({ field, value, detail }) => `${field}: ${JSON.stringify(value)}: ${detail}`);

it.each<[string, Partial<SpinAppSpec>, readonly string[]]>([
  ['no replicas', { replicas: 0 }, ['spec.replicas: 0: replicas must be > 0']],
  ['one replica', { replicas: 1 }, []],
  ['a negative number', { replicas: -1 }, ['spec.replicas: -1: replicas must be > 0']],
  ['autoscaling alone', { replicas: 0, enableAutoscaling: true }, []],
  [
    'autoscaling with replicas',
    { enableAutoscaling: true },
    ['spec.replicas: 1: replicas cannot be set when autoscaling is enabled'],
  ],
])('replicas: %s', (_what, spec, wanted) => {
  expect(errors(spec)).toEqual(wanted);
});

const own = { createDeployment: true, deploymentConfig: { runtimeClassName: 'a' } };
const others = { createDeployment: false };
const annotations = { key: 'asdf' };

it.each<[string, Partial<SpinAppSpec>, SpinAppExecutorSpec, readonly string[]]>([
  [
    'of a Deployment that nobody makes',
    { deploymentAnnotations: annotations },
    others,
    [
      'spec.deploymentAnnotations: {"key":"asdf"}: deploymentAnnotations can\'t be set when the executor does not use operator deployments',
    ],
  ],
  [
    'of its pods',
    { podAnnotations: annotations },
    others,
    [
      'spec.podAnnotations: {"key":"asdf"}: podAnnotations can\'t be set when the executor does not use operator deployments',
    ],
  ],
  ['of a Deployment that the operator makes', { deploymentAnnotations: annotations }, own, []],
  ['of no kind', {}, others, []],
])('annotations: %s', (_what, spec, executor, wanted) => {
  expect(errors(spec, executor)).toEqual(wanted);
});

const memory = (limit: string): Partial<SpinAppSpec> => ({ invocationLimits: { memory: limit } });
const wrongMemory = (limit: string, detail: string): string => `spec.invocationLimits[memory]: "${limit}": ${detail}`;

it.each<[string, Partial<SpinAppSpec>, readonly string[]]>([
  ['none', {}, []],
  ['without resources', memory('128Mi'), []],
  ['below the limit', { ...memory('64Mi'), resources: { limits: { memory: '128Mi' } } }, []],
  [
    'above the limit',
    { ...memory('256Mi'), resources: { limits: { memory: '128Mi' } } },
    [wrongMemory('256Mi', 'invocation limit quantity cannot be greater than the memory limit (128Mi)')],
  ],
  [
    'above the request, without a limit',
    { ...memory('256Mi'), resources: { requests: { memory: '128Mi' } } },
    [wrongMemory('256Mi', 'invocation limit quantity cannot be greater than the memory request (128Mi)')],
  ],
  [
    'no amount',
    memory('much'),
    [wrongMemory('much', 'memory limit must be a valid memory quantity (e.g. 128Mi, 1Gi)')],
  ],
])('the memory of an invocation: %s', (_what, spec, wanted) => {
  expect(errors(spec)).toEqual(wanted);
});

it.each<[string, SpinAppExecutorSpec, readonly string[]]>([
  ['a RuntimeClass', own, []],
  ['an image', { createDeployment: true, deploymentConfig: { spinImage: 'spin:v4' } }, []],
  [
    'both',
    { createDeployment: true, deploymentConfig: { runtimeClassName: 'a', spinImage: 'spin:v4' } },
    ['runtimeClassName and spinImage are mutually exclusive'],
  ],
  ['neither', { createDeployment: true, deploymentConfig: {} }, ['either runtimeClassName or spinImage must be set']],
])('how an executor makes pods: %s', (_what, spec, wanted) => {
  expect(validateExecutor(spec).map(({ detail }) => detail)).toEqual(wanted);
});
