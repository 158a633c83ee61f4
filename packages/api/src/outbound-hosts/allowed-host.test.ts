import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { UserError } from '../errors.ts';
import { thrown, userError } from '../test-support/thrown.ts';
import { allowsDestination, allowsSelf, parseAllowedHost } from './allowed-host.ts';
import { parseOutboundUrl } from './outbound-url.ts';

const allows = (entry: string, url: string, defaultScheme = 'http'): boolean => {
  const destination = parseOutboundUrl(url, defaultScheme);
  return destination !== undefined && allowsDestination(parseAllowedHost(entry), destination);
};

describe('an entry of allowed_outbound_hosts', () => {
  it.each([
    ['http://example.com', 'http://example.com/a?b#c', true],
    ['http://example.com', 'http://example.com:80', true],
    ['http://example.com', 'http://example.com:8080', false],
    ['http://example.com', 'https://example.com', false],
    ['http://example.com/', 'http://example.com', true],
    ['  http://example.com  ', 'http://example.com', true],
    ['http://Example.COM', 'http://example.com', true],
    ['http://example.com', 'http://EXAMPLE.com.evil.org', false],
    ['http://example.com', 'http://sub.example.com', false],
    ['http://bücher.example', 'http://xn--bcher-kva.example', true],
    ['*://example.com:443', 'https://example.com', true],
    ['*://example.com:443', 'ftp://example.com:443', true],
    ['*://*:*', 'anything://at.all:1', true],
    ['*://*:*', 'anything://at.all', true],
    ['http://*', 'http://anything', true],
    ['http://*', 'http://anything:81', false],
    ['http://*.example.com', 'http://a.example.com', true],
    ['http://*.example.com', 'http://a.b.example.com', true],
    ['http://*.example.com', 'http://example.com', false],
    ['http://*.example.com', 'http://badexample.com', false],
    ['http://*.example.com', 'http://example.com.evil.org', false],
    ['http://*:8000..8002', 'http://x:8000', true],
    ['http://*:8000..8002', 'http://x:8001', true],
    ['http://*:8000..8002', 'http://x:8002', false],
    ['http://*:80..70', 'http://x:75', false],
    ['redis://*', 'redis://r', true],
    ['redis://*:6379', 'redis://r', true],
    ['redis://r', 'redis://R:6379', true],
    ['redis://*', 'redis://user:pa#ss:word@r', true],
    ['postgres://db', 'postgres://u:p@db/name?sslmode=disable', true],
    ['mysql://db', 'mysql://db:3307', false],
    ['http://127.0.0.1', 'http://127.0.0.1', true],
    ['http://127.0.0.1', 'http://0x7f.1', true],
    ['http://0x7f.1', 'http://127.0.0.1', true],
    ['http://[::1]', 'http://[0:0::1]', true],
    ['http://[::1]:8080', 'http://[::1]:8080/x', true],
    ['http://10.0.0.0/8', 'http://10.1.2.3', true],
    ['http://10.9.9.9/8', 'http://10.1.2.3', true],
    ['http://10.0.0.0/8', 'http://11.0.0.1', false],
    ['*://10.0.0.0/8:*', 'tcp://10.1.2.3:9', true],
    ['http://10.0.0.0/8', 'http://ten.example', false],
    ['*://2001:db8::/32:80', 'http://[2001:db8::1]', true],
    ['*://2001:db8::/32:80', 'http://[2001:db9::1]', false],
    ['*://0.0.0.0/0:*', 'http://[::ffff:10.0.0.1]', false],
    ['http://self', 'http://self', false],
    ['http://*:*', 'http://x.spin.internal', true],
    ['https://api', 'api', false],
    ['http://api', 'api/path', true],
    ['http://localhost:3000', 'localhost:3000', true],
    ['HTTP://x:80', 'http://x', false],
  ])('%s allows %s: %s', (entry, url, expected) => {
    expect(allows(entry, url)).toBe(expected);
  });

  it.each([
    ['example.com', "\"example.com\" does not contain a scheme (e.g., 'http://' or '*://')"],
    ['*', '"*" is not an allowed outbound host format.'],
    [':', '":" is not an allowed outbound host format.'],
    ['', '"" is not an allowed outbound host format.'],
    ['?', '"?" is not an allowed outbound host format.'],
    ['{http,https}://x:1', 'Invalid allowed host scheme "{http,https}": scheme lists are not supported'],
    ['h2://x:1', 'Invalid allowed host scheme "h2": only alphabetic characters are allowed'],
    [
      'ftp://x',
      'Invalid allowed host port "": no port was provided and the scheme "ftp" does not have a known default port number',
    ],
    ['*://x', 'the scheme "*" does not have a known default port number'],
    ['http://x:{80,81}', 'Invalid allowed host port "{80,81}": port lists are not yet supported'],
    ['http://x:http', 'Invalid allowed host port "http": port "http" is not a number'],
    ['http://x:65536', 'port "65536" is not a number'],
    ['http://x:-1', 'port "-1" is not a number'],
    ['http://x:1..', 'port range "1.." contains non-number'],
    ['http://x:1..2..3', 'port range "1..2..3" contains non-number'],
    ['http://x:80/path', '"http://x:80/path" has a path but is not allowed to'],
    ['http://x/path', 'Invalid allowed host "x/path": must not include a path'],
    ['http://*.x/path', 'Invalid allowed host "*.x/path": must not include a path'],
    ['http://{a,b}.com', 'Invalid allowed host "{a,b}.com": host lists are not yet supported'],
    ['http://*.*.com', 'Invalid allowed host "*.*.com": wildcards are allowed only as prefixes'],
    ['http://a*.com', 'Invalid allowed host "a*.com": wildcards are allowed only as subdomains'],
    ['http://*.0.0.1', "'*.' must be followed by a domain name"],
    ['http://*.[::1]:1', "'*.' must be followed by a domain name"],
    ['http://', 'Invalid allowed host "": empty host'],
    ['http://a b', 'Invalid allowed host "a b": not a domain name or IP address'],
    ['http://a@b', 'not a domain name or IP address'],
    ['http://a?b', 'not a domain name or IP address'],
    ['http://[::g]', 'not a domain name or IP address'],
    ['http://1.2.3.256', 'not a domain name or IP address'],
  ])('%j is refused: %s', (entry, message) => {
    const error = userError(() => parseAllowedHost(entry));
    expect(error.message).toContain(message);
    expect(error.remedy).toContain('<scheme>://<host>[:<port>]');
  });

  it.each([
    ['http://self', ['http', 'https'], true],
    ['https://self.alt', ['http', 'https'], true],
    ['*://self:80', ['http'], true],
    ['http://*', ['http'], true],
    ['redis://*', ['http', 'https'], false],
    ['http://self', ['https'], false],
    ['http://example.com', ['http'], false],
  ])('%s allows requests of the app to itself by %j: %s', (entry, schemes, expected) => {
    expect(allowsSelf(parseAllowedHost(entry), schemes)).toBe(expected);
  });

  it('is read or refused with a UserError, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'*:/.[]{}@?#% ahtp0189é\u0000'), maxLength: 20 }), (text) => {
        const errors = [text, `http://${text}`].map((entry) => thrown(() => parseAllowedHost(entry)));
        expect(errors.filter((error) => error !== undefined && !(error instanceof UserError))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});

/** What the rules say, read off the parts that the texts were made of: no URL, no parser. */
interface Parts {
  readonly scheme: string;
  readonly labels: readonly string[];
  readonly port: number | undefined;
}
const PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, redis: 6379 };

function naive(entry: Parts & { wild: boolean; anyPort: boolean }, url: Parts): boolean {
  const suffix = `.${entry.labels.join('.')}`;
  const name = url.labels.join('.');
  const isHost = entry.wild ? name.endsWith(suffix) : `.${name}` === suffix;
  const portOf = ({ scheme, port }: Parts): number | undefined => port ?? PORTS[scheme];
  return (
    (entry.scheme === '*' || entry.scheme === url.scheme) && isHost && (entry.anyPort || portOf(entry) === portOf(url))
  );
}

const toNumber = (octets: readonly number[]): bigint => octets.reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
const mask = (length: number): bigint => (2n ** BigInt(length) - 1n) << BigInt(32 - length);

describe('matching', () => {
  it('agrees with a naive reading of the rules', () => {
    const labels = fc.array(fc.constantFrom('a', 'b', 'ab'), { minLength: 1, maxLength: 3 });
    const port = fc.constantFrom(undefined, 80, 443, 6379, 8080);
    const scheme = fc.constantFrom('http', 'https', 'redis');
    const entry = fc.record({
      scheme: fc.oneof(scheme, fc.constant('*')),
      labels,
      port,
      wild: fc.boolean(),
      anyPort: fc.boolean(),
    });
    fc.assert(
      fc.property(entry, fc.record({ scheme, labels, port }), (rule, url) => {
        fc.pre(rule.scheme !== '*' || rule.anyPort || rule.port !== undefined);
        const rulePort = rule.anyPort ? ':*' : rule.port === undefined ? '' : `:${rule.port}`;
        const ruleText = `${rule.scheme}://${rule.wild ? '*.' : ''}${rule.labels.join('.')}${rulePort}`;
        const urlText = `${url.scheme}://${url.labels.join('.')}${url.port === undefined ? '' : `:${url.port}`}/p`;
        expect(allows(ruleText, urlText)).toBe(naive(rule, url));
      }),
      { numRuns: 2000 },
    );
  });

  it('agrees with arithmetic on addresses', () => {
    const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
    fc.assert(
      fc.property(octets, octets, fc.nat(32), fc.nat(32), (network, other, prefix, shared) => {
        // Near the network, so that both answers come up.
        const near = (toNumber(network) & mask(shared)) | (toNumber(other) & ~mask(shared) & (2n ** 32n - 1n));
        const address = [24n, 16n, 8n, 0n].map((shift) => (near >> shift) & 255n).join('.');
        const expected = (toNumber(network) & mask(prefix)) === (near & mask(prefix));
        expect(allows(`http://${network.join('.')}/${prefix}`, `http://${address}`)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });
});
