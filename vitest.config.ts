import { defineConfig } from 'vitest/config';

/** Where each tier's tests stand: beside the code for what needs only npm, `*.services.test.ts` for what needs a server. */
const unit = [
  'packages/*/src/**/*.test.ts',
  'runtime-node/src/**/*.test.ts',
  'operator/src/**/*.test.ts',
  'shim/src/**/*.test.ts',
  'cli/src/**/*.test.ts',
  'test/**/*.test.ts',
  'hack/**/*.test.ts',
];
const services = ['**/*.services.test.ts'];
/** With a real etcd and kube-apiserver (hack/cluster). */
const api = ['**/*.api.test.ts'];
/** With a whole cluster on this machine (hack/cluster); needs root. */
const cluster = ['**/*.cluster.test.ts'];
/** The operator under every fault of its connection to the API server. */
const faults = ['**/*.faults.test.ts'];
/** Hours: a million resets, a soak (test/long). */
const long = ['**/*.long.test.ts'];
const never = ['**/node_modules/**', 'test/guests/*/**'];

export default defineConfig({
  test: {
    pool: 'forks',
    // Two cores are what a small machine has; a real component may take seconds to prepare under load.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: unit, exclude: [...services, ...api, ...cluster, ...faults, ...long, ...never] },
      },
      { extends: true, test: { name: 'services', include: services, exclude: never, fileParallelism: false } },
      { extends: true, test: { name: 'api', include: api, exclude: never, fileParallelism: false } },
      {
        extends: true,
        test: {
          name: 'cluster',
          include: cluster,
          exclude: never,
          globalSetup: 'test/cluster/global-setup.ts',
          fileParallelism: false,
          testTimeout: 180_000,
          // A busy machine gets time; nothing that works comes near it.
          expect: { poll: { timeout: 90_000, interval: 100 } },
        },
      },
      {
        extends: true,
        test: { name: 'faults', include: faults, exclude: never, fileParallelism: false, testTimeout: 1_800_000 },
      },
      {
        extends: true,
        // A day: each says itself how long it takes.
        test: { name: 'long', include: long, exclude: never, fileParallelism: false, testTimeout: 86_400_000 },
      },
    ],
  },
});
