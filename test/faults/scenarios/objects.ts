// What the scenarios are about: one app, two executors that run it, one that leaves it to others, and what it refers to.
import { API_VERSION, type ConfigMap, type Secret, type SpinApp, type SpinAppExecutor } from '@spindle/api';

export const APP = 'hello';
export const SHIM = 'containerd-shim-spin';
export const NODE = 'on-node';
export const ELSEWHERE = 'elsewhere';

export const spinApp = (spec: Partial<SpinApp['spec']> = {}): SpinApp => ({
  apiVersion: API_VERSION,
  kind: 'SpinApp',
  metadata: { name: APP },
  spec: { image: 'ghcr.io/example/hello:v1', executor: SHIM, replicas: 2, ...spec },
});

const executor = (name: string, spec: SpinAppExecutor['spec']): SpinAppExecutor => ({
  apiVersion: API_VERSION,
  kind: 'SpinAppExecutor',
  metadata: { name },
  spec,
});

export const shim = executor(SHIM, {
  createDeployment: true,
  deploymentConfig: { runtimeClassName: 'wasmtime-spin-v2', installDefaultCACerts: true },
});
export const onNode = executor(NODE, { createDeployment: true, deploymentConfig: { node: {} } });
export const elsewhere = executor(ELSEWHERE, { createDeployment: false });

export const database: Secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'db' },
  data: { password: base64('s3cret'), url: base64('redis://one:6379') },
};
export const settings: ConfigMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'cfg' },
  data: { level: 'debug' },
};

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** Refers to all of that. */
export const configured: Partial<SpinApp['spec']> = {
  variables: [
    { name: 'db_password', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
    { name: 'log_level', valueFrom: { configMapKeyRef: { name: 'cfg', key: 'level' } } },
  ],
  runtimeConfig: {
    keyValueStores: [
      {
        name: 'default',
        type: 'redis',
        options: [{ name: 'url', valueFrom: { secretKeyRef: { name: 'db', key: 'url' } } }],
      },
    ],
  },
};
