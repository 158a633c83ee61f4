import { parseOutboundUrl } from '@spindle/api';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { targetOf, type RemoteTarget } from './target.ts';
import { Fields } from './types/fields.ts';
import { OutgoingRequest } from './types/outgoing-request.ts';

function remote(authority: string): RemoteTarget | undefined {
  const request = new OutgoingRequest(new Fields());
  if (request.setAuthority(authority).tag === 'err') {
    return undefined;
  }
  const target = targetOf(request);
  return target.tag === 'ok' && target.val.kind === 'remote' ? target.val : undefined;
}

const host = fc.oneof(
  fc.domain(),
  fc.ipV4Extended(),
  fc.ipV6().map((address) => `[${address}]`),
  fc.integer({ min: 0, max: 0xffff_ffff }).map(String),
  fc.constantFrom('self.alt', 'localhost', 'a.spin.internal', '0x7f.1', 'EXAMPLE.com.', '127.1'),
);
const port = fc.option(fc.integer({ min: 0, max: 70_000 }), { nil: undefined });
const authority = fc
  .tuple(fc.constantFrom('', 'user@', 'user:pass@', 'a.example:80@'), host, port)
  .map(([userinfo, name, number]) => `${userinfo}${name}${number === undefined ? '' : `:${number}`}`);

it('the host that is connected to is the host that is checked, however it was written', () => {
  fc.assert(
    fc.property(fc.oneof(authority, fc.string(), fc.webAuthority()), (text) => {
      const target = remote(text);
      if (target === undefined) {
        return;
      }
      const { destination, origin } = target;
      const connected = origin.host.includes(':') ? `[${origin.host}]` : origin.host;
      const reached = parseOutboundUrl(`${origin.scheme}://${connected}:${origin.port}/`, origin.scheme);
      expect(reached?.host).toEqual(destination.host);
      expect(reached?.port ?? 443).toBe(destination.port ?? 443);
      // What the server is told is the same host again, without user info.
      expect(parseOutboundUrl(`${origin.scheme}://${target.authority}/`, origin.scheme)).toEqual(destination);
      expect(target.authority).not.toContain('@');
    }),
  );
});

it.each([
  ['EXAMPLE.com', 'example.com', 'example.com'],
  ['example.com:443', 'example.com', 'example.com'],
  ['example.com:8443', 'example.com', 'example.com:8443'],
  ['user:pass@example.com', 'example.com', 'example.com'],
  ['2130706433', '127.0.0.1', '127.0.0.1'],
  ['[0:0::1]:80', '::1', '[::1]:80'],
])('%s goes to %s, told as %s', (text, name, told) => {
  expect(remote(text)).toMatchObject({ origin: { host: name }, authority: told });
});
