import { UserError } from '@spindle/api';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseClientTls } from './config.ts';

const LEAST = { component_ids: ['a'], hosts: ['example.com'] };

/** The config, or what was thrown instead. */
function outcome(section: unknown): unknown {
  try {
    return parseClientTls(section);
  } catch (error) {
    return error;
  }
}

const one = (entry: object): unknown => outcome([{ ...LEAST, ...entry }]);

describe('[[client_tls]]', () => {
  it('is nothing when it is absent', () => {
    expect(parseClientTls(undefined)).toEqual([]);
  });

  it('trusts the platform when it says nothing else', () => {
    expect(one({})).toEqual([
      {
        componentIds: ['a'],
        hosts: ['example.com'],
        platformRoots: true,
        webpkiRoots: false,
        rootsFile: undefined,
        identity: undefined,
        field: 'client_tls[0]',
      },
    ]);
  });

  it.each([
    ['nothing', {}, [true, false]],
    ['a file', { ca_roots_file: 'r.pem' }, [false, false]],
    ['the roots of webpki', { ca_use_webpki_roots: true }, [false, true]],
    ['a file and webpki', { ca_roots_file: 'r.pem', ca_use_webpki_roots: true }, [false, true]],
    ['a file and the platform', { ca_roots_file: 'r.pem', ca_use_platform_roots: true }, [true, false]],
    ['a file, and says so of neither', { ca_roots_file: 'r.pem', ca_use_platform_roots: false }, [false, false]],
    ['both', { ca_use_platform_roots: true, ca_use_webpki_roots: true }, [true, true]],
    ['the platform, and webpki not', { ca_use_platform_roots: true, ca_use_webpki_roots: false }, [true, false]],
  ])('of one that names %s takes the authorities that Spin takes', (_what, entry, [platformRoots, webpkiRoots]) => {
    expect(one(entry)).toMatchObject([
      { platformRoots, webpkiRoots, rootsFile: (entry as typeof LEAST & { ca_roots_file?: string }).ca_roots_file },
    ]);
  });

  it('reads the files of a certificate', () => {
    expect(one({ client_cert_file: 'c.pem', client_private_key_file: '/k.pem' })).toMatchObject([
      { identity: { certFile: 'c.pem', keyFile: '/k.pem' } },
    ]);
  });

  it.each([
    ['EXAMPLE.com', 'example.com'],
    ['127.0.0.1', '127.0.0.1'],
    ['[::1]', '::1'],
    ['a_b.internal', 'a_b.internal'],
    ['bücher.example', 'xn--bcher-kva.example'],
  ])('reads the host %s as requests name it', (host, expected) => {
    expect(one({ hosts: [host] })).toMatchObject([{ hosts: [expected] }]);
  });

  it.each([
    ['a table', {}, 'client_tls'],
    ['text', 'x', 'client_tls'],
    ['a list of text', ['x'], 'client_tls[0]'],
    ['no components', [{ hosts: ['a'] }], 'client_tls[0].component_ids'],
    ['no hosts', [{ component_ids: ['a'] }], 'client_tls[0].hosts'],
  ])('refuses %s and names the field', (_what, section, field) => {
    expect((outcome(section) as UserError).place.field).toBe(field);
  });

  it.each([
    ['an unknown key', { ca_root_file: 'x' }, 'client_tls[0].ca_root_file', 'unknown key ca_root_file'],
    [
      'an empty list of components',
      { component_ids: [] },
      'client_tls[0].component_ids',
      "'component_ids' list may not be empty",
    ],
    ['an empty list of hosts', { hosts: [] }, 'client_tls[0].hosts', "'hosts' list may not be empty"],
    ['an id that is none', { component_ids: ['A_b'] }, 'client_tls[0].component_ids', 'no component id'],
    ['a number among the ids', { component_ids: [1] }, 'client_tls[0].component_ids', 'list of strings'],
    [
      'a port',
      { hosts: ['a:443'] },
      'client_tls[0].hosts',
      `invalid TLS 'host' "a:443"; ports not currently supported`,
    ],
    ['a port of another kind', { hosts: ['[::1]:8443'] }, 'client_tls[0].hosts', 'ports not currently supported'],
    ['a wildcard', { hosts: ['*.example.com'] }, 'client_tls[0].hosts', `invalid TLS 'host' "*.example.com"`],
    ['a URL', { hosts: ['https://a'] }, 'client_tls[0].hosts', `invalid TLS 'host'`],
    ['a host with a user', { hosts: ['u@a'] }, 'client_tls[0].hosts', `invalid TLS 'host'`],
    ['no host', { hosts: [''] }, 'client_tls[0].hosts', `invalid TLS 'host'`],
    ['a flag in quotes', { ca_use_webpki_roots: 'true' }, 'client_tls[0].ca_use_webpki_roots', 'true or false'],
    ['an empty path', { ca_roots_file: '' }, 'client_tls[0].ca_roots_file', 'not a path'],
    [
      'a certificate without a key',
      { client_cert_file: 'c' },
      'client_tls[0].client_cert_file',
      'client_cert_file specified without client_private_key_file',
    ],
    [
      'a key without a certificate',
      { client_private_key_file: 'k' },
      'client_tls[0].client_private_key_file',
      'client_private_key_file specified without client_cert_file',
    ],
    ['trust in nobody', { ca_use_platform_roots: false }, 'client_tls[0]', 'at least one of'],
    [
      'trust in nobody, said twice',
      { ca_use_platform_roots: false, ca_use_webpki_roots: false },
      'client_tls[0]',
      'at least one of',
    ],
  ])('refuses %s and names the field', (_what, entry, field, message) => {
    const failure = one(entry);
    expect(failure).toBeInstanceOf(UserError);
    expect((failure as UserError).place.field).toBe(field);
    expect((failure as UserError).message).toContain(message);
  });

  it('answers anything at all with a config or a UserError', () => {
    const key = fc.constantFrom('component_ids', 'hosts', 'ca_roots_file', 'ca_use_webpki_roots', 'x');
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(key, fc.oneof(fc.boolean(), fc.string(), fc.array(fc.string())))),
        (section) => {
          const result = outcome(section);
          expect(result instanceof UserError || Array.isArray(result)).toBe(true);
        },
      ),
    );
  });
});
