// By what apps and executors are found when something else changes (issue: what upstream leaves unnoticed).
import type { SpinApp, SpinAppExecutor } from '@spindle/api';
import type { ObjectName } from '@spindle/kube';
import { referencesOf, type ReferredKind } from '../plan/index.ts';

export type AppIndex = 'executor' | 'refers';
export type ExecutorIndex = 'ca-secret';

/** Of an app that names no executor, the name is empty. */
export const executorValue = (namespace: string, executor: string): string => `${namespace}/${executor}`;

export const referenceValue = (kind: ReferredKind, { namespace = '', name }: ObjectName): string =>
  `${kind}/${namespace}/${name}`;

export const APP_INDEXES = {
  executor: ({ metadata: { namespace = '' }, spec }: SpinApp): readonly string[] => [
    executorValue(namespace, spec.executor ?? ''),
  ],
  refers: ({ metadata: { namespace = '' }, spec }: SpinApp): readonly string[] => [
    ...new Set(referencesOf(spec).map(({ kind, name }) => referenceValue(kind, { namespace, name }))),
  ],
} as const;

/** Name of the Secret with certificates when the executor gives none. */
const DEFAULT_CA_SECRET = 'spin-ca';

export const EXECUTOR_INDEXES = {
  'ca-secret': ({ metadata: { namespace = '' }, spec }: SpinAppExecutor): readonly string[] =>
    spec.deploymentConfig?.installDefaultCACerts === true
      ? [`${namespace}/${spec.deploymentConfig.caCertSecret || DEFAULT_CA_SECRET}`]
      : [],
} as const;
