// Answers of the webhooks: against what upstream's rejected on a real API server, and by themselves.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SpinAppExecutor } from '@spindle/api';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rejection } from './field-error.ts';
import { answerReview, readReview, WEBHOOK_PATHS, type AdmissionResponse, type WebhookPath } from './review.ts';

const CASES = join(import.meta.dirname, '../../../test/upstream/operator');

interface Recorded {
  readonly case: string;
  readonly dependencies: readonly { readonly kind: string }[];
  readonly object: { readonly kind: string; readonly metadata: { readonly name: string } };
  readonly rejected?: string;
}

const rejected = readdirSync(CASES)
  .map((file) => JSON.parse(readFileSync(join(CASES, file), 'utf8')) as Recorded)
  .filter((one) => one.rejected !== undefined);

/** What upstream refuses and we do not, by reason. */
const ACCEPTED_HERE: Readonly<Record<string, string>> = {
  'bad-executor-missing': 'an app may be applied before its executor',
  'bad-no-executor-anywhere': 'there is an executor of our own',
  checks: 'only upstream’s webhook adds a null to a probe',
  everything: 'only upstream’s webhook adds a null to a probe',
};

/** What the schema refuses by itself, before or after the webhooks. */
const BY_THE_SCHEMA = [
  'bad-components-empty',
  'bad-probe-without-path',
  'bad-quantity',
  'bad-replicas-type',
  'bad-unknown-field',
];

const isAbout = (one: Recorded, path: 'validate'): WebhookPath =>
  one.object.kind === 'SpinApp' ? WEBHOOK_PATHS[`${path}SpinApp`] : WEBHOOK_PATHS[`${path}Executor`];

function ask(
  path: WebhookPath,
  object: unknown,
  executors: readonly unknown[] = [],
  oldObject?: unknown,
): AdmissionResponse {
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: 'u', namespace: 'demo', object, oldObject },
  };
  const request = readReview(JSON.parse(JSON.stringify(review)));
  if (request === undefined) {
    throw new Error('no review');
  }
  const shared = new Map([['everywhere', { createDeployment: true, deploymentConfig: { node: {} } }]]);
  const known = { of: () => executors as SpinAppExecutor[], shared };
  const answer = answerReview(path, request, known) as { response: AdmissionResponse };
  return answer.response;
}

/** As kubectl prints a status with causes. */
function kubectlText({ details }: Rejection): string {
  const causes = (details?.causes ?? []).map(({ field, message }) => `${field}: ${message}`);
  const [only] = causes;
  return `The ${details?.kind} "${details?.name}" is invalid: ${
    causes.length === 1 ? only : `\n${causes.map((cause) => `* ${cause}`).join('\n')}`
  }`;
}

const executorsOf = ({ dependencies }: Recorded): readonly unknown[] =>
  dependencies.filter(({ kind }) => kind === 'SpinAppExecutor');

describe('what upstream refuses is refused in the same words', () => {
  const same = rejected.filter(
    (one) => !(one.case in ACCEPTED_HERE) && !BY_THE_SCHEMA.includes(one.case) && one.case !== 'bad-two-errors',
  );

  it.each(same.map((one) => [one.case, one] as const))('%s', (_name, one) => {
    const { allowed, status } = ask(isAbout(one, 'validate'), one.object, executorsOf(one));
    expect(allowed).toBe(false);
    expect(kubectlText(status as Rejection)).toBe(one.rejected);
  });

  it('of two errors the one about an executor that is not there yet is a warning', () => {
    const one = rejected.find((candidate) => candidate.case === 'bad-two-errors') as Recorded;
    const { status, warnings } = ask(isAbout(one, 'validate'), one.object);
    expect(status?.message).toBe(
      'SpinApp.core.spinkube.dev "hello" is invalid: spec.replicas: Invalid value: 0: replicas must be > 0',
    );
    expect(warnings).toEqual([
      'spec.executor: there is no SpinAppExecutor "nope" in the namespace yet; the app starts when it is created',
    ]);
  });

  it.each(Object.entries(ACCEPTED_HERE))('%s is accepted: %s', (name) => {
    const one = rejected.find((candidate) => candidate.case === name) as Recorded;
    expect(ask(isAbout(one, 'validate'), one.object, executorsOf(one)).allowed).toBe(true);
  });

  it('leaves no recorded rejection out', () => {
    expect(same.length + Object.keys(ACCEPTED_HERE).length + BY_THE_SCHEMA.length + 1).toBe(rejected.length);
  });
});

const app = (spec: object): unknown => ({ metadata: { name: 'hello' }, spec: { image: 'a', replicas: 1, ...spec } });
const executor = (name: string): unknown => ({ metadata: { name }, spec: { createDeployment: true } });

const patchOf = (spec: object, names: readonly string[]): unknown => {
  const { patch } = ask(WEBHOOK_PATHS.defaultSpinApp, app(spec), names.map(executor));
  return patch === undefined ? undefined : JSON.parse(Buffer.from(patch, 'base64').toString());
};

describe('the default executor', () => {
  it('is the first of the namespace by name, and the only thing that is written', () => {
    expect(patchOf({}, ['b', 'a'])).toEqual([{ op: 'add', path: '/spec/executor', value: 'a' }]);
  });

  it('does not replace one that is given', () => {
    expect(patchOf({ executor: 'mine' }, ['a'])).toBeUndefined();
  });

  it('is left open where there is none', () => {
    expect(patchOf({}, [])).toBeUndefined();
  });
});

const update = (spec: object, old: object): boolean =>
  ask(WEBHOOK_PATHS.validateSpinApp, app(spec), [], app(old)).allowed;

describe('an app without pods', () => {
  it('may be changed when the scale subresource has made it so', () => {
    expect(update({ replicas: 0, image: 'b' }, { replicas: 0 })).toBe(true);
  });

  it('cannot be made by an update of the app itself, as in upstream', () => {
    expect(update({ replicas: 0 }, { replicas: 2 })).toBe(false);
  });

  it('cannot be made by taking its autoscaler away', () => {
    expect(update({ replicas: 0 }, { enableAutoscaling: true, replicas: undefined })).toBe(false);
  });
});

it('warns of fields that mean nothing', () => {
  const spec = {
    runtimeConfig: { loadFromSecret: 's', keyValueStores: [] },
    invocationLimits: { memory: '1Mi', time: '3s' },
    components: ['a', 'a'],
  };
  expect(ask(WEBHOOK_PATHS.validateSpinApp, app(spec)).warnings).toEqual([
    'spec.runtimeConfig.keyValueStores: not used, since loadFromSecret is given',
    'spec.invocationLimits[time]: not used; the only limit is memory',
    'spec.components: a component is named twice',
  ]);
});

it.each(['everywhere', 'node'])('does not warn of an executor that every namespace has: %s', (name) => {
  expect(ask(WEBHOOK_PATHS.validateSpinApp, app({ executor: name })).warnings).toBeUndefined();
});

describe('what is no review', () => {
  it.each([
    ['nothing', undefined],
    ['a list', []],
    ['another kind', { apiVersion: 'admission.k8s.io/v1', kind: 'Pod' }],
    [
      'a version that is gone',
      { apiVersion: 'admission.k8s.io/v1beta1', kind: 'AdmissionReview', request: { uid: 'u' } },
    ],
    ['one without a request', { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }],
  ])('is not read: %s', (_what, body) => {
    expect(readReview(body)).toBeUndefined();
  });

  it('never makes a webhook fail, whatever the object is', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(WEBHOOK_PATHS)), fc.jsonValue(), (path, object) => {
        expect(typeof ask(path, object).allowed).toBe('boolean');
      }),
    );
  });
});
