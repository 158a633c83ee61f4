// Components that use others (spin-contract.md §1.6), composed at start and served: rcaller calls what rprobe exports.
import { UserError } from '@spindle/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../conformance/client.ts';
import type { ServedGuest } from '../conformance/serve-guest.ts';
import { fixturePath } from '../guests/fixtures.ts';
import { dependsOn, serveDependent } from './serve-dependent.ts';

describe.each([
  ['a component', 'rprobe'],
  ['a core module', 'rprobe-module'],
])('with a dependency that is %s', (_, guest) => {
  let served: ServedGuest;
  beforeAll(async () => {
    served = await serveDependent(await dependsOn('guests:depend/probe@1.0.0', guest));
  });
  afterAll(() => served.stop());

  it('each request meets a fresh state in both', async () => {
    for (let request = 0; request < 5; request += 1) {
      expect(await ask(served.port, '/count')).toMatchObject({ status: 200, body: '1 2\n' });
    }
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(served.port, '/count')));
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['1 2\n']));
  });

  it('resources of the dependency are used by the component', async () => {
    expect(await ask(served.port, '/tally')).toMatchObject({ status: 200, body: '6 11 7\n' });
  });

  it('the component goes on after the dependency has trapped', async () => {
    expect(await ask(served.port, '/ask/env/ROOT')).toMatchObject({ status: 500 });
    expect(await ask(served.port, '/count')).toMatchObject({ status: 200, body: '1 2\n' });
  });
});

it.each(['guests:depend', 'guests:depend@1.0.0', 'guests:depend/probe', 'guests:depend/probe@1.0.0'])(
  'a dependency may be named %s',
  async (name) => {
    const served = await serveDependent(await dependsOn(name, 'rprobe'));
    expect(await ask(served.port, '/count')).toMatchObject({ body: '1 2\n' });
    await served.stop();
  },
);

it('a component of the app may be the dependency of another', async () => {
  const served = await serveDependent(
    `"guests:depend/probe" = { component = "probe" }\n[component.probe]\nsource = ${JSON.stringify(await fixturePath('rprobe'))}`,
  );
  expect(await ask(served.port, '/count')).toMatchObject({ body: '1 2\n' });
  await served.stop();
});

async function startError(dependencies: string): Promise<UserError> {
  try {
    const served = await serveDependent(dependencies);
    await served.stop();
  } catch (error) {
    // expected: what the tests are about
    if (error instanceof UserError) {
      return error;
    }
    throw error;
  }
  throw new Error('it was served');
}

describe('an app does not start', () => {
  it('with a dependency that its component does not import, and is told what it does', async () => {
    const error = await startError(await dependsOn('acme:thing/x', 'rprobe'));
    expect(error.message).toBe("dependency 'acme:thing/x' doesn't match any imports of component 'rcaller'");
    expect(error.place.field).toBe('component.rcaller.dependencies."acme:thing/x"');
    expect(error.remedy).toBe('Name one of its imports (guests:depend/probe@1.0.0), or remove the dependency.');
  });

  it('with a dependency of another version', async () => {
    const error = await startError(await dependsOn('guests:depend/probe@1.0.1', 'rprobe'));
    expect(error.message).toContain("'guests:depend/probe@1.0.1' doesn't match any imports");
  });

  it('with two dependencies for one import', async () => {
    const names = ['guests:depend/probe@1.0.0', 'guests:depend@2.0.0'];
    const error = await startError(
      [await dependsOn(names[0] ?? '', 'rprobe'), await dependsOn(names[1] ?? '', 'rprobe')].join('\n'),
    );
    expect(error.message).toContain("'guests:depend@2.0.0' doesn't match any imports");
  });

  it('with a dependency that does not export what is imported, and is told what it exports', async () => {
    const error = await startError(await dependsOn('guests:depend/probe', 'rhello'));
    expect(error.message).toBe(
      "dependency 'guests:depend/probe' doesn't export 'guests:depend/probe@1.0.0' to satisfy import 'guests:depend/probe@1.0.0'",
    );
    expect(error.remedy).toContain('It exports wasi:http/incoming-handler@');
  });

  it('with a dependency whose export is of another type', async () => {
    const error = await startError(
      await dependsOn('guests:depend/probe', 'rhello', ', export = "wasi:http/incoming-handler@0.2.12"'),
    );
    expect(error.code).toBe('SPK4071');
    expect(error.message).toContain('guests:depend/probe');
  });

  it('without the dependency that its component needs', async () => {
    const error = await startError('');
    expect(error.message).toContain(
      'imports what this runtime does not provide: interface "guests:depend/probe@1.0.0"',
    );
  });

  it('with middleware that is none', async () => {
    const error = await startError(
      `${await dependsOn('guests:depend/probe', 'rprobe')}
[[trigger.http]]
route = "/guarded"
component = "rcaller"
dependencies.middleware = [{ path = ${JSON.stringify(await fixturePath('rprobe'))} }]`,
    );
    expect(error.place.field).toMatch(/^component\.rcaller-for-[\w-]+\.trigger_dependencies$/);
    expect(error.message).toContain('has no import "wasi:http/handler@0.3.0"');
  });
});
