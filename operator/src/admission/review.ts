// One AdmissionReview answered: pure, from the request's JSON to the response's (admission.k8s.io/v1).
import type { SpinApp, SpinAppExecutor } from '@spindle/api';
import { defaultsOf } from './default-spin-app.ts';
import { rejection, type Rejection } from './field-error.ts';
import { executorNamed, type SharedExecutors } from '../plan/index.ts';
import { validateExecutor } from './validate-executor.ts';
import { validateSpinApp } from './validate-spin-app.ts';
import { warningsOf } from './warnings.ts';

/** The four webhooks by path, those of upstream's configuration (control-plane contract §3). */
export const WEBHOOK_PATHS = {
  defaultSpinApp: '/mutate-core-spinkube-dev-v1alpha1-spinapp',
  defaultExecutor: '/mutate-core-spinkube-dev-v1alpha1-spinappexecutor',
  validateSpinApp: '/validate-core-spinkube-dev-v1alpha1-spinapp',
  validateExecutor: '/validate-core-spinkube-dev-v1alpha1-spinappexecutor',
} as const;

export type WebhookPath = (typeof WEBHOOK_PATHS)[keyof typeof WEBHOOK_PATHS];

interface AdmissionRequest {
  readonly uid: string;
  readonly namespace: string;
  readonly object: unknown;
  readonly oldObject: unknown;
}

export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: Rejection;
  readonly warnings?: readonly string[];
  readonly patchType?: 'JSONPatch';
  /** In base64. */
  readonly patch?: string;
}

/** What is known of executors at this moment. */
export interface KnownExecutors {
  of(namespace: string): readonly SpinAppExecutor[];
  readonly shared: SharedExecutors;
}

/** Undefined when the body is no AdmissionReview of version v1. */
export function readReview(body: unknown): AdmissionRequest | undefined {
  if (!isRecord(body) || body['apiVersion'] !== 'admission.k8s.io/v1' || body['kind'] !== 'AdmissionReview') {
    return undefined;
  }
  const { request } = body;
  if (!isRecord(request) || typeof request['uid'] !== 'string') {
    return undefined;
  }
  const { uid, namespace, object, oldObject } = request;
  return { uid, namespace: typeof namespace === 'string' ? namespace : '', object, oldObject };
}

export function answerReview(path: WebhookPath, request: AdmissionRequest, executors: KnownExecutors): unknown {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: respond(path, request, executors),
  };
}

function respond(path: WebhookPath, request: AdmissionRequest, executors: KnownExecutors): AdmissionResponse {
  const { uid, namespace } = request;
  const object = withSpec(request.object);
  if (object === undefined) {
    // The schema speaks of what has no spec, and a deleted object has nothing to be said about.
    return { uid, allowed: true };
  }
  switch (path) {
    case WEBHOOK_PATHS.defaultSpinApp: {
      const patch = defaultsOf(object as SpinApp, executors.of(namespace));
      return {
        uid,
        allowed: true,
        ...(patch.length === 0
          ? {}
          : { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') }),
      };
    }
    case WEBHOOK_PATHS.defaultExecutor:
      return { uid, allowed: true };
    case WEBHOOK_PATHS.validateSpinApp: {
      const app = object as SpinApp;
      const { executor: name } = app.spec;
      const executor = name ? executorNamed(name, executors.of(namespace), executors.shared) : undefined;
      const errors = validateSpinApp(app, executor, withSpec(request.oldObject) as SpinApp | undefined);
      const warnings = warningsOf(app, executor);
      return {
        uid,
        ...(errors.length === 0
          ? { allowed: true }
          : { allowed: false, status: rejection('SpinApp', app.metadata.name, errors) }),
        ...(warnings.length === 0 ? {} : { warnings }),
      };
    }
    case WEBHOOK_PATHS.validateExecutor: {
      const executor = object as SpinAppExecutor;
      const errors = validateExecutor(executor.spec);
      return errors.length === 0
        ? { uid, allowed: true }
        : { uid, allowed: false, status: rejection('SpinAppExecutor', executor.metadata.name, errors) };
    }
  }
}

/** The validating webhooks run after the schema, the mutating ones before it: only this much is sure of their objects. */
function withSpec(value: unknown): SpinApp | SpinAppExecutor | undefined {
  return isRecord(value) && isRecord(value['spec']) ? (value as unknown as SpinApp | SpinAppExecutor) : undefined;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
