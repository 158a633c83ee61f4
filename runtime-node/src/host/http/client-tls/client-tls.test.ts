// Real TLS servers that ask for certificates, and files that are none.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { UserError } from '@spindle/api';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { selfSigned } from '../../../../../test/certificates/self-signed.ts';
import type { ErrorCode } from '../error-code.ts';
import { listening, Peers, type Peer } from '../testing/peers.ts';
import { readBody, SendingGuest, type GuestSetup } from '../testing/sending-guest.ts';
import type { IncomingResponse } from '../types/incoming-response.ts';

const server = selfSigned();
const root = { ...selfSigned({ name: 'root', authority: true }), name: 'root' };
const middle = { ...selfSigned({ name: 'middle', issuer: root, authority: true }), name: 'middle' };
const leaf = selfSigned({ name: 'leaf', issuer: middle });
const stranger = selfSigned({ name: 'stranger' });

let folder: string;
const peers = new Peers();
const guests: SendingGuest[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spindle-client-tls-'));
  const files = {
    'server.pem': `Text before it.\n${server.cert}`,
    'two.pem': `${stranger.cert}\n${server.cert}`,
    'chain.pem': `${leaf.cert}${middle.cert}`,
    'leaf.pem': leaf.cert,
    'leaf.key': leaf.key,
    'stranger.pem': stranger.cert,
    'stranger.key': stranger.key,
    'nothing.pem': 'nothing',
    'broken.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    'broken.key': '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n',
    'public.key': '-----BEGIN PUBLIC KEY-----\nc2VjcmV0\n-----END PUBLIC KEY-----\n',
  };
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

afterEach(async () => {
  await Promise.all(guests.splice(0).map((guest) => guest.close()));
  await peers.close();
});

/** Answers with the name in the client's certificate. */
const peer = (options: TlsOptions = {}): Promise<Peer> =>
  peers.add(
    listening(
      createTlsServer({ ...server, requestCert: true, rejectUnauthorized: false, ...options }, (request, response) => {
        const shown = (request.socket as TLSSocket).getPeerCertificate();
        response.end(shown.subject === undefined ? 'nobody' : String(shown.subject.CN));
      }),
    ),
  );

async function guestWith(client_tls: readonly object[], setup: GuestSetup = {}): Promise<SendingGuest> {
  const opened = await SendingGuest.open({
    ...setup,
    configDir: folder,
    config: { client_tls: client_tls.map((entry) => ({ component_ids: ['c'], hosts: ['127.0.0.1'], ...entry })) },
  });
  guests.push(opened);
  return opened;
}

async function ask(from: SendingGuest, { port }: Peer, host = '127.0.0.1'): Promise<string | undefined> {
  const answer = await from.send({ scheme: { tag: 'HTTPS' }, authority: `${host}:${port}` });
  return 'tag' in answer ? (answer as ErrorCode).tag : (await readBody(answer as IncomingResponse)).text;
}

const resolve = async () => [{ address: '127.0.0.1', family: 4 }];

const LEAF = { ca_roots_file: 'server.pem', client_cert_file: 'chain.pem', client_private_key_file: 'leaf.key' };

describe('a component that [[client_tls]] names', () => {
  it('shows its certificate with the whole chain to a server that knows the root only', async () => {
    const strict = await peer({ ca: [root.cert], rejectUnauthorized: true });
    expect(await ask(await guestWith([LEAF]), strict)).toBe('leaf');
  });

  it('is refused by that server without the chain, with another certificate, and with none', async () => {
    const strict = await peer({ ca: [root.cert], rejectUnauthorized: true });
    const others = [
      { ...LEAF, client_cert_file: 'leaf.pem' },
      { ...LEAF, client_cert_file: 'stranger.pem', client_private_key_file: 'stranger.key' },
      { ca_roots_file: 'server.pem' },
    ];
    for (const entry of others) {
      // With TLS 1.3 a client is connected before it hears that its certificate does not do.
      expect(await ask(await guestWith([entry]), strict)).toBe('HTTP-protocol-error');
    }
    const old = await peer({ ca: [root.cert], rejectUnauthorized: true, maxVersion: 'TLSv1.2' });
    expect(await ask(await guestWith([{ ca_roots_file: 'server.pem' }]), old)).toBe('TLS-protocol-error');
  });

  it('trusts every certificate of the file, and nobody else', async () => {
    const open = await peer();
    expect(await ask(await guestWith([{ ca_roots_file: 'two.pem' }]), open)).toBe('nobody');
    expect(await ask(await guestWith([{ ca_roots_file: join(folder, 'two.pem') }]), open)).toBe('nobody');
    expect(await ask(await guestWith([{ ca_roots_file: 'stranger.pem' }]), open)).toBe('TLS-protocol-error');
    // What others trust does not count for it.
    expect(await ask(await guestWith([{ ca_use_webpki_roots: true }], { authorities: [server.cert] }), open)).toBe(
      'TLS-protocol-error',
    );
    expect(await ask(await guestWith([{ ca_use_platform_roots: true }], { authorities: [server.cert] }), open)).toBe(
      'TLS-protocol-error',
    );
  });

  it('trusts and shows as always where the table names another host or component', async () => {
    const open = await peer();
    const authorities = [server.cert];
    expect(await ask(await guestWith([{ ...LEAF, hosts: ['elsewhere.example'] }], { authorities }), open)).toBe(
      'nobody',
    );
    expect(await ask(await guestWith([{ ...LEAF, component_ids: ['other'] }], { authorities }), open)).toBe('nobody');
    const both = await guestWith([{ ...LEAF, hosts: ['localhost'] }], { authorities, resolve });
    expect(await ask(both, open)).toBe('nobody');
    expect(await ask(both, open, 'localhost')).toBe('leaf');
    expect(await ask(both, open, 'LocalHost')).toBe('leaf');
  });

  it('takes the first table that names it', async () => {
    const open = await peer();
    const first = { ...LEAF, client_cert_file: 'stranger.pem', client_private_key_file: 'stranger.key' };
    expect(await ask(await guestWith([{ ...LEAF, hosts: ['x'] }, first, LEAF]), open)).toBe('stranger');
  });
});

describe('the files', () => {
  it.each([
    ['a file that is not there', { ca_roots_file: 'gone.pem' }, 'ca_roots_file', 'failed to load certificate(s) from'],
    ['a file without certificates', { ca_roots_file: 'nothing.pem' }, 'ca_roots_file', 'there is no certificate in it'],
    ['a broken certificate', { ca_roots_file: 'broken.pem' }, 'ca_roots_file', 'what is in it is no certificate'],
    [
      'a key in its place',
      { ...LEAF, client_cert_file: 'leaf.key' },
      'client_cert_file',
      'there is no certificate in it',
    ],
    [
      'a key that is not there',
      { ...LEAF, client_private_key_file: 'gone' },
      'client_private_key_file',
      'failed to load key from',
    ],
    [
      'a certificate in place of the key',
      { ...LEAF, client_private_key_file: 'leaf.pem' },
      'client_private_key_file',
      'there is no private key in it',
    ],
    [
      'a public key',
      { ...LEAF, client_private_key_file: 'public.key' },
      'client_private_key_file',
      'there is no private key in it',
    ],
    [
      'a broken key',
      { ...LEAF, client_private_key_file: 'broken.key' },
      'client_private_key_file',
      'do not go together',
    ],
    [
      'the key of another',
      { ...LEAF, client_private_key_file: 'stranger.key' },
      'client_private_key_file',
      'do not go together',
    ],
  ])(
    'with %s are refused at start, with the field and nothing of what is in it',
    async (_what, entry, field, message) => {
      const failure = (await guestWith([entry]).catch((error: unknown) => error)) as UserError;
      expect(failure).toBeInstanceOf(UserError);
      expect(failure.place.field).toBe(`client_tls[0].${field}`);
      expect(failure.message).toContain(message);
      expect(JSON.stringify([failure.message, failure.remedy])).not.toContain('c2VjcmV0');
    },
  );
});
