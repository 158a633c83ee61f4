import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { UserError } from '../errors.ts';
import type { LockedApp } from '../locked-app/types.ts';
import { thrown } from '../test-support/thrown.ts';
import { createStaticProvider } from '../variables/providers.ts';
import { createVariableResolver } from '../variables/resolver.ts';
import type { Destination } from './allowed-host.ts';
import { type AllowedHosts, checkAllowedHost, resolveAllowedHosts } from './allowed-hosts.ts';
import { sameHost } from './host.ts';
import { parseOutboundUrl } from './outbound-url.ts';
import { serviceChainingTarget } from './service-chaining.ts';

const variables: LockedApp['variables'] = { host: { default: 'example.com' }, url: {}, empty: { default: '' } };

const resolve = (entries: readonly string[], values: Record<string, string> = {}): Promise<AllowedHosts> =>
  resolveAllowedHosts(entries, {
    resolver: createVariableResolver({
      locked: { variables, components: [] },
      providers: [createStaticProvider(new Map(Object.entries(values)))],
    }),
    componentIds: ['front', 'BACK'],
  });

describe('the allowed hosts of a component', () => {
  it('allow what one of them allows', async () => {
    const hosts = await resolve(['http://a', 'redis://b']);
    expect(['http://a', 'redis://b', 'http://b', '://', ''].map((url) => hosts.allowsUrl(url, 'http'))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('say by which schemes there is anything at all', async () => {
    const [some, all] = [await resolve(['udp://10.0.0.1:53', 'http://self']), await resolve(['*://10.0.0.1:53'])];
    expect(['udp', 'http', 'tcp'].map((scheme) => some.allowsScheme(scheme))).toEqual([true, true, false]);
    expect(all.allowsScheme('tcp')).toBe(true);
  });

  it('are none when nothing is listed', async () => {
    const hosts = await resolve([]);
    expect([hosts.allowsUrl('http://a', 'http'), hosts.allowsSelf()]).toEqual([false, false]);
  });

  it('may be templates, resolved when the app runs', async () => {
    const hosts = await resolve(['https://{{ host }}', '{{ url }}'], { url: 'redis://r' });
    expect(hosts.allowsUrl('https://example.com', 'https')).toBe(true);
    expect(hosts.allowsUrl('redis://r', 'redis')).toBe(true);
  });

  it.each(['', 'http://', 'https://'])('pass over a template that comes to %j', async (url) => {
    const hosts = await resolve(['{{ url }}', 'http://a'], { url });
    expect(hosts.allowsUrl('http://a', 'http')).toBe(true);
  });

  it('do not show what a template came to', async () => {
    const error = await resolve(['{{ url }}'], { url: 'hunter2' }).catch((thrownError: unknown) => thrownError);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ message: 'template "{{ url }}" resolves to an invalid allowed host' });
    expect(error).not.toHaveProperty('cause');
  });

  it('fail as their providers fail', async () => {
    await expect(resolve(['{{ url }}'])).rejects.toThrow(
      'cannot resolve the allowed host "{{ url }}": no provider resolved required variable "url"',
    );
    await expect(resolve(['{{ url }}'])).rejects.toBeInstanceOf(UserError);
    await expect(resolve(['insecure:allow-all'])).rejects.toThrow("use '*://*:*' instead");
    await expect(resolve(['example.com'])).rejects.toThrow('does not contain a scheme');
  });

  it('allow nothing by a template that cannot be filled', async () => {
    const hosts = await resolve(['http://{{ nope }}', 'http://{{', 'http://a']);
    expect(['http://a', 'http://nope', 'http://'].map((url) => hosts.allowsUrl(url, 'http'))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('name the components of this app by *.spin.internal, and no others', async () => {
    const hosts = await resolve(['http://*.spin.internal']);
    const names = ['front', 'back', 'other', 'x.front'];
    expect(names.map((name) => hosts.allowsUrl(`http://${name}.spin.internal`, 'http'))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('say whether the app may call itself', async () => {
    expect((await resolve(['http://self'])).allowsSelf()).toBe(true);
    expect((await resolve(['http://front.spin.internal'])).allowsSelf()).toBe(false);
  });
});

describe('an entry that is looked at before the app runs', () => {
  const known = new Map(Object.entries(variables ?? {}));

  it.each(['http://{{ url }}', 'http://{{ nope }}', '{{ empty }}', 'https://{{ empty }}'])(
    '%s is left for later, or for never',
    (entry) => {
      expect(checkAllowedHost(entry, known)).toBeUndefined();
    },
  );

  it('is tried with the defaults of its variables', () => {
    expect(checkAllowedHost('https://{{ host }}:{{ host }}', new Map([['host', { default: '1' }]]))).toMatchObject({
      scheme: 'https',
      ports: { start: 1, end: 2 },
    });
    expect(thrown(() => checkAllowedHost('{{ host }}', known))).toMatchObject({
      message: expect.stringContaining(
        'results in invalid config "example.com": "example.com" does not contain a scheme',
      ),
    });
  });
});

describe('the address of an outbound request', () => {
  it.each([
    ['https://example.com/file@0.1.0.json', 'https', 'example.com', undefined],
    ['https://user:password@example.com/file@0.1.0.json', 'https', 'example.com', undefined],
    ['https://user:pass#word@example.com:8443/', 'https', 'example.com', 8443],
    ['user:p@ss@example.com', 'redis', 'example.com', undefined],
    ['Example.com:80', 'redis', 'example.com', 80],
  ])('%s', (address, scheme, name, port) => {
    expect(parseOutboundUrl(address, 'redis')).toEqual({ scheme, host: { kind: 'domain', name }, port });
  });

  it.each(['', '/path', 'http://', '://', 'http://a b', '\ud800@', '*://x:1'])('%j has none', (address) => {
    expect(parseOutboundUrl(address, 'http')).toBeUndefined();
  });
});

describe('an address that could be read in two ways', () => {
  it.each([
    'redis://evil.example#@good.example',
    'redis://evil.example?@good.example',
    'http://evil.example?x=@good.example',
    'http://evil.example:80#@good.example',
    'http://good.example\\@evil.example',
    'evil.example#@good.example',
  ])('%s has no destination', (address) => {
    expect(parseOutboundUrl(address, 'redis')).toBeUndefined();
  });

  it.each([
    ['http://good.example@evil.example/', 'evil.example'],
    ['http://a@b@evil.example/', 'evil.example'],
    ['http://good.example#@evil.example/', undefined],
  ])('%s goes where a client would go: %s', (address, host) => {
    expect(parseOutboundUrl(address, 'http')?.host).toEqual(host && { kind: 'domain', name: host });
  });

  it('is the only kind for which we do not see the host that a client would see', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab.:@#?/\\%1[]'), maxLength: 14 }), (rest) => {
        const address = `http://${rest}`;
        const seen = parseOutboundUrl(address, 'http');
        const url = URL.parse(address);
        const client = url && parseOutboundUrl(url.origin, 'http');
        expect(seen === undefined || client === null || sameDestination(seen, client)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

function sameDestination(one: Destination, other: Destination | undefined): boolean {
  return other !== undefined && sameHost(one.host, other.host) && one.port === other.port;
}

describe('a host of service chaining', () => {
  it.each([
    ['hello.spin.internal', 'hello'],
    ['hello.spin.internal:8080', 'hello'],
    ['a.b.spin.internal', undefined],
    ['spin.internal', undefined],
    ['hello.spin.internal.evil.org', undefined],
    ['example.com', undefined],
  ])('%s is the component %s', (host, component) => {
    expect(serviceChainingTarget(host)).toBe(component);
  });
});
