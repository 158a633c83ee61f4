import { describe, expect, it } from 'vitest';

import { parseAllowedHost } from '../outbound-hosts/allowed-host.ts';
import { convertAllowedHttpHosts } from './allowed-http-hosts.ts';

describe('allowed_http_hosts', () => {
  it.each([
    ['example.com', ['http://example.com', 'https://example.com']],
    ['http://example.com', ['http://example.com', 'https://example.com']],
    ['https://example.com/', ['http://example.com', 'https://example.com']],
    ['localhost:3001', ['http://localhost:3001', 'https://localhost:3001']],
    ['http://[::1]:8001', ['http://[::1]:8001', 'https://[::1]:8001']],
    ['[::1]', ['http://[::1]', 'https://[::1]']],
    ['self', ['http://self']],
    ['insecure:allow-all', ['http://*:*', 'https://*:*', 'http://self']],
  ])('%s becomes %j', (entry, hosts) => {
    expect(convertAllowedHttpHosts([entry])).toEqual({ kind: 'converted', hosts });
    expect(hosts.map((host) => parseAllowedHost(host).text)).toEqual(hosts);
  });

  it('tells of every entry that cannot be', () => {
    expect(convertAllowedHttpHosts(['a.com/x', 'ok.com', 'ftp://b.com', 'http://', 'a b'])).toEqual({
      kind: 'invalid',
      message: [
        'One or more allowed_http_hosts entries was invalid:',
        'a.com/x contains a path, should be host and optional port only',
        "ftp://b.com isn't a valid host or host:port string",
        "http:// isn't a valid host or host:port string",
        "a b isn't a valid host or host:port string",
      ].join('\n'),
    });
  });
});
