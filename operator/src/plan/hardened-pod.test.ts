import { describe, expect, it } from 'vitest';
import { podTemplateOf } from './pod-template.ts';
import type { RunsHere } from './container.ts';

const environmentOf = (by: RunsHere['by'], caSecret: string | undefined): unknown => {
  const common = { caSecret, installCaSecret: false, otel: {} };
  const execution: RunsHere =
    by === 'shim' ? { by, runtimeClassName: 'spin', common } : { by, image: 'runtime:v1', common };
  const { spec } = podTemplateOf({
    name: 'hello',
    spec: { image: 'hello:v1', replicas: 1 },
    execution,
    runtimeConfigSecret: 'hello-config',
    configHash: {},
  });
  return spec.containers[0]?.env;
};

const TRUST = { name: 'NODE_EXTRA_CA_CERTS', value: '/etc/ssl/certs/ca-certificates.crt' };

describe('the certificates of an executor', () => {
  it('are read by pods of our own image', () => {
    expect(environmentOf('node', 'company-ca')).toContainEqual(TRUST);
  });

  it('are not asked for where there are none', () => {
    expect(environmentOf('node', undefined)).not.toContainEqual(TRUST);
  });

  it.each(['shim', 'spin-image'] as const)('add nothing to a template that upstream makes too (%s)', (by) => {
    expect(environmentOf(by, 'company-ca')).not.toContainEqual(TRUST);
  });
});
