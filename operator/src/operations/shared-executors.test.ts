import { assert, json, oneof, property, string } from 'fast-check';
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
  const { message, place: where } = refusal(executors);
  expect([message, where.file, where.field].join(' ')).toContain(place);
});

function refusal(executors: unknown): UserError {
  try {
    read(executors);
  } catch (error) {
    if (error instanceof UserError) {
      return error;
    }
    throw error;
  }
  throw new Error('it was read');
}

test('whatever the file holds, it is read or refused', () => {
  assert(
    property(oneof(string(), json()), (text) => {
      try {
        readSharedExecutors(text, 'executors.json');
      } catch (error) {
        // expected: anything else fails the property.
        if (!(error instanceof UserError)) {
          throw error;
        }
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
