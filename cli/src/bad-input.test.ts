// What a newcomer gets wrong first: each time one clear error with what, where and how to mend it, a status that is not 0,
// and nothing left that was not there.
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { parse } from '@bytecodealliance/jco';
import { describe, expect, it, onTestFinished } from 'vitest';
import { selfSigned } from '../../test/certificates/self-signed.ts';
import { fixture } from '../../test/guests/fixtures.ts';
import { type AppFolder, appFolder, manifest } from './testing/app-folder.ts';
import type { Finished } from './testing/run-spindle.ts';

const ONE_COMPONENT = manifest({ a: {} });
const wat = async (text: string): Promise<Uint8Array> => new Uint8Array(await parse(text));

/** Folders that any start makes: where guests log, what was prepared. */
const OF_ANY_START = ['.spin', 'cache', 'tmp'];

const names = async (folder: AppFolder): Promise<string[]> =>
  (await readdir(folder.path)).filter((name) => !OF_ANY_START.includes(name));

/** One error, and no more than its own lines; what engines and components say before may stand above it. */
function expectOneError({ code, signal, stdout, stderr }: Finished): string {
  expect([code, signal, stdout]).toEqual([1, null, '']);
  const [, error = '', ...more] = stderr.split(/^Error: /m);
  expect(more).toEqual([]);
  expect(error).toMatch(/\n {2}SPK\d{4}/);
  expect(error).not.toMatch(/^ +at .*:\d+:\d+\)?$/m);
  // The way out is a whole sentence.
  expect(error).toMatch(/\.$/m);
  return error;
}

describe('a component that is wrong', () => {
  it.each<[string, () => Promise<Uint8Array>, string | RegExp]>([
    [
      'is a core module of no known kind',
      () => wat('(module (func (export "hello")))'),
      'this core module is of no kind',
    ],
    [
      'is a core module that imports what nobody has',
      () => wat('(module (import "env" "f" (func)) (func (export "_start")))'),
      '`env` `f`',
    ],
    ['was cut', async () => (await fixture('rhello')).subarray(0, 1000), 'the file is cut short'],
    ['is empty', async () => new Uint8Array(), 'the file is empty'],
    ['is text', async () => Buffer.from('hello'), 'it does not begin with the bytes 00 61 73 6d'],
    [
      'has two handlers',
      () =>
        wat(`(component
          (core module $m (func (export "f")))
          (core instance $c (instantiate $m))
          (func $f (canon lift (core func $c "f")))
          (instance $i (export "handle" (func $f)))
          (export "wasi:http/incoming-handler@0.2.0" (instance $i))
          (export "fermyon:spin/inbound-http" (instance $i)))`),
      "component exports multiple different handlers but it's expected to export only one",
    ],
    ['handles another trigger', () => fixture('sredis'), 'It exports: fermyon:spin/inbound-redis'],
    ['is a command', () => fixture('rcommand'), 'It exports: wasi:cli/run@'],
    ['imports what no host has', () => fixture('missing'), /SPK4013/],
  ])('because it %s stops the start by name', async (_what, bytes, message) => {
    const folder = await appFolder({ 'spin.toml': ONE_COMPONENT, 'a.wasm': await bytes() });
    const error = expectOneError(await folder.run(['up', '--listen', '127.0.0.1:0']));
    expect(error).toMatch(message);
    // The component, or its file.
    expect(error).toMatch(/component\.a\.source|a\.wasm|component "a"/);
    expect(await names(folder)).toEqual(['a.wasm', 'spin.toml']);
  });

  it('because it is not there stops a start and a push', async () => {
    const folder = await appFolder({ 'spin.toml': ONE_COMPONENT });
    for (const args of [['up'], ['registry', 'push', '127.0.0.1:9/a:v1', '-k']]) {
      const error = expectOneError(await folder.run(args));
      expect(error).toContain('cannot be read from disk');
      expect(error).toContain('Build the component first');
    }
    expect(await names(folder)).toEqual(['spin.toml']);
  });
});

describe('a build that fails', () => {
  const broken = manifest({ a: { table: '[component.a.build]\ncommand = "echo half > half.tmp; no-such-program"' } });

  it.each([
    [['build']],
    [['build', '--up']],
    [['up', '--build']],
    [['registry', 'push', '127.0.0.1:9/a:v1', '--build']],
  ])('ends %j, which serves and pushes nothing', async (args) => {
    const folder = await appFolder({ 'spin.toml': broken, 'a.wasm': await fixture('rhello') });
    const error = expectOneError(await folder.run(args));
    expect(error).toContain('failed with status 127: echo half > half.tmp; no-such-program');
    expect(error).toContain('is not installed');
  });
});

async function takenPort(): Promise<string> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('an address that cannot be had', () => {
  it.each([
    ['up', ['up', '--listen'], '--find-free-port'],
    ['watch', ['watch', '--skip-build', '--listen'], '--find-free-port'],
    ['the metrics', ['up', '--listen', '127.0.0.1:0', '--metrics-listen'], 'a port that is free'],
  ])('because another process has it ends %s', async (_what, args, remedy) => {
    const folder = await appFolder({ 'spin.toml': ONE_COMPONENT, 'a.wasm': await fixture('rhello') });
    const address = await takenPort();
    const error = expectOneError(await folder.run([...args, address]));
    expect(error).toContain(address);
    expect(error).toContain(remedy);
    expect(await names(folder)).toEqual(['a.wasm', 'spin.toml']);
  });

  it('because it is none of this machine ends the start', async () => {
    const folder = await appFolder({ 'spin.toml': ONE_COMPONENT, 'a.wasm': await fixture('rhello') });
    // TEST-NET-1 (RFC 5737): no machine has it.
    const error = expectOneError(await folder.run(['up', '--listen', '192.0.2.1:3000']));
    expect(error).toContain('192.0.2.1:3000');
    expect(error).toContain('Give an address of this machine');
  });
});

it('a key for TLS that is not that of the certificate ends the start before the app is looked at', async () => {
  const [one, other] = [selfSigned(), selfSigned()];
  const folder = await appFolder({ 'spin.toml': 'no manifest', 'cert.pem': one.cert, 'key.pem': other.key });
  const error = expectOneError(await folder.run(['up', '--tls-cert', 'cert.pem', '--tls-key', 'key.pem']));
  expect(error).toContain(`the key ${folder.path}/key.pem does not belong to the certificate ${folder.path}/cert.pem`);
  expect(error).not.toContain('PRIVATE KEY');
});

describe('Kubernetes manifests', () => {
  it.each([[['build']], [['watch']], [['doctor']], [['registry', 'push', '127.0.0.1:9/a:v1']]])(
    'are nothing for %j',
    async (args) => {
      const folder = await appFolder({ 'app.yaml': 'apiVersion: v1' });
      const error = expectOneError(await folder.run([...args, '-f', 'app.yaml']));
      expect(error).toContain(`${folder.path}/app.yaml is no application with a manifest`);
    },
  );

  it.each([
    ['that are no YAML', 'a: [', 'SPK5031'],
    ['without a SpinApp', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}', 'SPK5030'],
    [
      'of a SpinApp that is not whole',
      'apiVersion: core.spinkube.dev/v1alpha1\nkind: SpinApp\nmetadata: {name: a}',
      'SPK5031',
    ],
    ['that are empty', '', 'SPK5030'],
  ])('%s end the start', async (_what, text, code) => {
    const folder = await appFolder({ 'app.yaml': text });
    expect(expectOneError(await folder.run(['up', '-f', 'app.yaml']))).toContain(code);
    expect(await names(folder)).toEqual(['app.yaml']);
  });
});
