// The auth-provider `oidc`: when a token is renewed, and that the identity provider is really asked.
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { selfSigned } from '../../../../test/certificates/self-signed.ts';
import { systemClock } from '../clock.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { oidcCredentials } from './oidc.ts';

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const idToken = (claims: object): string => `${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmF0dXJl`;
/** Seconds since 1970 of the fake clock's beginning. */
const START = Date.parse('2026-01-01T00:00:00Z') / 1000;

describe('an auth-provider of OpenID Connect', () => {
  it('uses its id token until shortly before it runs out, then asks for another once', async () => {
    const clock = new FakeClock('2026-01-01T00:00:00Z');
    const [first, second] = [idToken({ exp: START + 600 }), idToken({ exp: START + 1200 })];
    let refreshes = 0;
    const refresh = async (config: Readonly<Record<string, string>>): Promise<Record<string, string>> => {
      refreshes += 1;
      return { ...config, 'id-token': second, 'refresh-token': 'next' };
    };
    const credentials = oidcCredentials({ clock, config: { 'id-token': first }, refresh });
    expect((await credentials.current()).headers).toEqual({ authorization: `Bearer ${first}` });
    await clock.advance(590_001);
    const [one, other] = await Promise.all([credentials.current(), credentials.current()]);
    expect(one.headers).toEqual({ authorization: `Bearer ${second}` });
    expect(other).toBe(one);
    expect(refreshes).toBe(1);
  });

  it('asks for another when the API server refuses it', async () => {
    const config = { 'id-token': idToken({ exp: START + 600 }) };
    const fresh = idToken({ exp: START + 601 });
    const refresh = async (): Promise<Record<string, string>> => ({ 'id-token': fresh });
    const credentials = oidcCredentials({ clock: new FakeClock('2026-01-01T00:00:00Z'), config, refresh });
    const { headers } = await credentials.current();
    expect(await credentials.renew(headers)).toBe(true);
    expect((await credentials.current()).headers).toEqual({ authorization: `Bearer ${fresh}` });
  });

  it('without a refresh token is the user’s to mend', async () => {
    const credentials = oidcCredentials({
      clock: new FakeClock('2026-01-01T00:00:00Z'),
      config: { 'id-token': 'no token' },
    });
    await expect(credentials.current()).rejects.toMatchObject({ code: 'SPK7008' });
  });

  it('asks the identity provider by its own authority', async () => {
    const { key, cert } = selfSigned();
    const asked: string[] = [];
    const server = createServer({ key, cert }, (request, response) => {
      const issuer = `https://localhost:${(server.address() as AddressInfo).port}`;
      response.setHeader('content-type', 'application/json');
      if (request.url?.startsWith('/.well-known/')) {
        response.end(JSON.stringify({ issuer, token_endpoint: `${issuer}/token` }));
        return;
      }
      request.setEncoding('utf8').on('data', (text: string) => asked.push(text));
      const now = Math.floor(systemClock.date().getTime() / 1000);
      const claims = { iss: issuer, aud: 'kubernetes', sub: 'me', iat: now, exp: now + 600 };
      const tokens = { access_token: 'a', token_type: 'bearer', expires_in: 600, id_token: idToken(claims) };
      request.on('end', () => response.end(JSON.stringify({ ...tokens, refresh_token: 'next' })));
    });
    server.listen(0, 'localhost');
    await once(server, 'listening');
    try {
      const credentials = oidcCredentials({
        clock: systemClock,
        config: {
          'id-token': idToken({ exp: 1 }),
          'refresh-token': 'first',
          'client-id': 'kubernetes',
          'idp-issuer-url': `https://localhost:${(server.address() as AddressInfo).port}`,
          'idp-certificate-authority-data': Buffer.from(cert).toString('base64'),
        },
      });
      const { headers } = await credentials.current();
      expect(headers['authorization']).toMatch(/^Bearer .+\..+\..+$/);
      expect(new URLSearchParams(asked.join('')).get('refresh_token')).toBe('first');
      expect(new URLSearchParams(asked.join('')).get('grant_type')).toBe('refresh_token');
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
