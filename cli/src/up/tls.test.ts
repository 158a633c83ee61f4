import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { selfSigned } from '../../../test/certificates/self-signed.ts';
import { fixture } from '../../../test/guests/fixtures.ts';
import { type AppFolder, appFolder, manifest } from '../testing/app-folder.ts';

let folder: AppFolder;
beforeEach(async () => {
  folder = await appFolder({ 'spin.toml': manifest({ dump: {} }), 'dump.wasm': await fixture('rdump') });
  for (const name of ['own', 'other']) {
    const { key, cert } = selfSigned();
    await Promise.all([
      writeFile(join(folder.path, `${name}.key`), key),
      writeFile(join(folder.path, `${name}.crt`), cert),
    ]);
  }
  const own = new X509Certificate(await readFile(join(folder.path, 'own.crt')));
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await Promise.all([
    writeFile(join(folder.path, 'own.der'), own.raw),
    writeFile(join(folder.path, 'rsa.key'), privateKey.export({ format: 'pem', type: 'pkcs8' })),
  ]);
});

/** A request that trusts only the given certificate. */
function request(url: string, ca: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { ca, agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve(body));
    }).on('error', reject);
  });
}

const flags = (cert: string, key: string): string[] => ['--tls-cert', cert, '--tls-key', key];

describe('TLS', () => {
  it('is served with the given files, and named in the start-up text', async () => {
    const running = folder.up(flags('own.crt', 'own.key'));
    const url = await running.serving();
    expect(url).toMatch(/^https:/);
    const seen = await request(`${url}/x`, await readFile(join(folder.path, 'own.crt')));
    // What the guest sees as its own scheme is HTTP, as in Spin; the URL that the client used says more.
    expect(seen).toContain('scheme Some(Scheme::Http)\n');
    expect(seen).toContain(`spin-full-url: ${url}/x\n`);
    await expect(request(url, await readFile(join(folder.path, 'other.crt')))).rejects.toThrow('self-signed');
  });

  it.each([
    ['a certificate that is none', flags('own.key', 'own.key'), '/own.key holds no usable certificate', '--tls-cert'],
    ['a key that is none', flags('own.crt', 'own.crt'), '/own.crt holds no usable private key', '--tls-key'],
    ['a file that is not there', flags('own.crt', 'none.key'), '/none.key', '--tls-key'],
    ['the key of another', flags('own.crt', 'other.key'), '/other.key does not belong to the certificate', '--tls-key'],
    ['the key of another algorithm', flags('own.crt', 'rsa.key'), '/rsa.key does not belong to', '--tls-key'],
    ['a certificate that is no PEM', flags('own.der', 'own.key'), '/own.der holds no usable certificate', '--tls-cert'],
  ])('is refused with %s, by its name', async (_what, args, message, flag) => {
    const { code, stdout, stderr } = await folder.run(['up', ...args]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`Error: `);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(new RegExp(`^ {2}SPK500[23] at ${flag}$`, 'm'));
  });
});
