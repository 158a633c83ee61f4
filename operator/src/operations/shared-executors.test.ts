import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UserError } from '@spindle/api';
import { loadSharedExecutors, readSharedExecutors } from './shared-executors.ts';

const read = (value: unknown): unknown =>
  Object.fromEntries(readSharedExecutors(JSON.stringify(value), 'executors.json'));

test.each([
  [{}],
  [{ a: { createDeployment: false } }],
  [{ a: { createDeployment: true, deploymentConfig: { node: {} } } }],
  [{ a: { createDeployment: true, deploymentConfig: { node: { image: 'i' }, caCertSecret: 's' } } }],
  [
    {
      a: {
        createDeployment: true,
        deploymentConfig: {
          runtimeClassName: 'wasmtime-spin-v2',
          installDefaultCACerts: true,
          otel: { exporter_otlp_endpoint: 'http://collector:4318' },
        },
      },
      b: { createDeployment: true, deploymentConfig: { spinImage: 'spin:v4' } },
    },
  ],
])('specs of executors are read as they are written: %j', (executors) => {
  expect(read(executors)).toEqual(executors);
});

test.each([
  [[], 'executors.json'],
  [{ a: {} }, 'missing field `createDeployment` executors.json a'],
  [{ a: { createDeployment: 'yes' } }, 'a.createDeployment'],
  [{ a: { createDeployment: true } }, 'deploymentConfig must be given'],
  [{ a: { createDeployment: true, deploymentConfig: {} } }, 'must be set'],
  [{ a: { createDeployment: true, deploymentConfig: { node: {}, spinImage: 'i' } } }, 'mutually exclusive'],
  [{ a: { createDeployment: true, deploymentConfig: { image: 'i' } } }, 'image'],
  [{ a: { createDeployment: true, deploymentConfig: { node: { image: 1 } } } }, 'a.deploymentConfig.node.image'],
  [{ a: { createDeployment: true, deploymentConfig: { node: {}, otel: { endpoint: 'x' } } } }, 'endpoint'],
])('what is no spec of an executor is refused with its place: %j', (executors, place) => {
  expect(() => read(executors)).toThrow(UserError);
  try {
    read(executors);
  } catch (error) {
    const {
      message,
      place: { file, field },
    } = error as UserError;
    expect([message, file, field].join(' ')).toContain(place);
  }
});

test('whatever the file holds, it is read or refused', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      try {
        readSharedExecutors(text, 'executors.json');
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }),
  );
});

test('a file that does not exist is an error that names it', async () => {
  await expect(loadSharedExecutors('/nowhere/executors.json')).rejects.toMatchObject({
    code: 'SPK6004',
    place: { file: '/nowhere/executors.json' },
  });
});
