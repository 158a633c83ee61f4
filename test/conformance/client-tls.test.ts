// Two components of one app ask one server over HTTPS: each shows the certificate that the runtime configuration gives it,
// and no connection of one serves the other (spin-contract.md §5.1).
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSigned } from '../certificates/self-signed.ts';
import { fixturePath } from '../guests/fixtures.ts';
import { ask } from './client.ts';
import { serveComponents, type ServedGuest } from './serve-guest.ts';

const CONFIG = `
[[client_tls]]
component_ids = ["a"]
hosts = ["localhost", "127.0.0.1"]
ca_roots_file = "server.pem"
client_cert_file = "a.pem"
client_private_key_file = "a.key"

[[client_tls]]
component_ids = ["b"]
hosts = ["127.0.0.1"]
ca_roots_file = "server.pem"
`;

const identity = selfSigned();
const ofA = selfSigned({ name: 'component a' });
let connections = 0;
let served: ServedGuest;
let folder: string;
const server = createServer({ ...identity, requestCert: true, rejectUnauthorized: false }, (request, response) => {
  const { subject } = (request.socket as TLSSocket).getPeerCertificate();
  response.end(subject === undefined ? 'nobody' : `<${String(subject.CN)}>`);
}).on('secureConnection', () => (connections += 1));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spindle-tls-'));
  await writeFile(join(folder, 'server.pem'), identity.cert);
  await writeFile(join(folder, 'a.pem'), ofA.cert);
  await writeFile(join(folder, 'a.key'), ofA.key);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const source = await fixturePath('rfanout');
  served = await serveComponents(
    ['a', 'b', 'c'].map((id) => ({ id, route: `/${id}/...`, source })),
    {
      component: 'allowed_outbound_hosts = ["https://127.0.0.1:*", "https://localhost:*"]',
      run: { runtimeConfig: { file: join(folder, 'runtime-config.toml'), text: CONFIG } },
    },
  );
});

afterAll(async () => {
  await served?.stop();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

async function from(component: string, host = '127.0.0.1'): Promise<string | undefined> {
  const { port } = server.address() as AddressInfo;
  return (await ask(served.port, `/${component}/?url=https://${host}:${port}/&show`)).body;
}

describe('[[client_tls]]', () => {
  it('gives each component its own certificate, and its own connections', async () => {
    for (let round = 0; round < 3; round++) {
      expect(await from('a')).toContain('<component a>');
      expect(await from('b')).toContain('nobody');
    }
    expect(connections).toBe(2);
  });

  it('says nothing of other hosts and other components', async () => {
    expect(await from('a', 'localhost')).toContain('<component a>');
    expect(await from('b', 'localhost')).toContain('ErrorCode::TlsProtocolError');
    expect(await from('c')).toContain('ErrorCode::TlsProtocolError');
  });
});
