import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '@spindle/api';
import { apiHost, credentialServer, formatReference, isHost, parseReference, type Reference } from './reference.ts';
import { everythingIn, userError } from './testing/thrown.ts';

const DIGEST = `sha256:${'ab'.repeat(32)}`;

describe('a reference that is written', () => {
  test.each([
    ['app', 'docker.io/library/app:latest'],
    ['app:v1', 'docker.io/library/app:v1'],
    ['me/app', 'docker.io/me/app:latest'],
    ['me/app/deeper', 'docker.io/me/app/deeper:latest'],
    ['docker.io/app', 'docker.io/library/app:latest'],
    ['docker.io/me/app', 'docker.io/me/app:latest'],
    ['index.docker.io/me/app', 'docker.io/me/app:latest'],
    ['ghcr.io/me/app:v1', 'ghcr.io/me/app:v1'],
    ['ghcr.io/app', 'ghcr.io/app:latest'],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000/app', 'localhost:5000/app:latest'],
    ['localhost:5000', 'docker.io/library/localhost:5000'],
    ['127.0.0.1:5000/a/b:c', '127.0.0.1:5000/a/b:c'],
    ['[::1]:5000/app', '[::1]:5000/app:latest'],
    ['REGISTRY/app', 'REGISTRY/app:latest'],
    ['host.example:443/app', 'host.example:443/app:latest'],
    [`ghcr.io/me/app@${DIGEST}`, `ghcr.io/me/app@${DIGEST}`],
    [`ghcr.io/me/app:v1@${DIGEST}`, `ghcr.io/me/app:v1@${DIGEST}`],
    ['a.b/c__d/e-f/g---h/i.j/k_l:T_.-9', 'a.b/c__d/e-f/g---h/i.j/k_l:T_.-9'],
  ])('as %s means %s', (text, canonical) => {
    expect(formatReference(parseReference(text))).toBe(canonical);
  });
});

describe('a reference is refused, with the reason,', () => {
  test.each([
    ['', 'it is empty'],
    ['https://ghcr.io/me/app', 'leave out the scheme'],
    ['ghcr.io/Me/app', 'must be lower-case'],
    ['App', 'must be lower-case'],
    ['ghcr.io/', 'empty part'],
    ['ghcr.io//app', 'empty part'],
    ['ghcr.io/app/', 'empty part'],
    ['ghcr.io/a..b', 'only have a-z'],
    ['ghcr.io/a___b', 'only have a-z'],
    ['ghcr.io/-a', 'only have a-z'],
    ['ghcr.io/a b', 'only have a-z'],
    ['ghcr.io/../etc', 'only have a-z'],
    ['ghcr.io/app:', 'a tag has at most'],
    ['ghcr.io/app:-v', 'a tag has at most'],
    ['ghcr.io/app:v:w', 'a tag has at most'],
    [`ghcr.io/app:${'v'.repeat(129)}`, 'a tag has at most'],
    ['ghcr.io/app@', 'what follows "@"'],
    ['ghcr.io/app@sha256:abc', 'what follows "@"'],
    [`ghcr.io/app@${DIGEST.toUpperCase()}`, 'what follows "@"'],
    ['host.example:port/app', 'host name with an optional port'],
    ['host.example:0/app', 'host name with an optional port'],
    ['host.example:65536/app', 'host name with an optional port'],
    ['-host.example/app', 'host name with an optional port'],
    ['host..example/app', 'host name with an optional port'],
    ['[::1/app', 'host name with an optional port'],
    ['[1:2]/app', 'host name with an optional port'],
    [`ghcr.io/${'a'.repeat(250)}`, 'longer than 255'],
    ['ghcr.io/app\n', 'only have a-z'],
  ])('when it is %j: %s', async (text, reason) => {
    const error = await userError(() => parseReference(text));
    expect(error.message).toContain(reason);
    expect(error.code).toBe('SPK2001');
    expect(error.remedy).toContain('for example');
  });

  test('when it is far too long, without looking at it', async () => {
    expect((await userError(() => parseReference('a'.repeat(1_000_000)))).message).toContain('longer than');
  });

  test('and a password in it is not repeated', async () => {
    const error = await userError(() => parseReference('me:s3cret@ghcr.io/me/app'));
    expect(everythingIn(error)).not.toContain('s3cret');
  });
});

const lower = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const component = fc
  .tuple(lower, fc.array(fc.tuple(fc.constantFrom('.', '_', '__', '-', '--'), lower), { maxLength: 2 }))
  .map(([head, tail]) => head + tail.flat().join(''));
const host = fc
  .tuple(lower, lower, fc.option(fc.integer({ min: 1, max: 65_535 })))
  .map(([name, domain, port]) => `${name}.${domain}.example${port === null ? '' : `:${port}`}`);
const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/);
const digest = fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => `sha256:${hex}`);

/** Undefined when the text is refused as the user's mistake; any other error is a defect. */
function parsedOrRefused(text: string): Reference | undefined {
  try {
    return parseReference(text);
  } catch (error) {
    if (error instanceof UserError) {
      return undefined;
    }
    throw error;
  }
}

describe('every reference', () => {
  test('survives being written and read again', () => {
    fc.assert(
      fc.property(
        host,
        fc.array(component, { minLength: 1, maxLength: 4 }),
        fc.option(tag),
        fc.option(digest),
        (registry, parts, maybeTag, maybeDigest) => {
          const text = `${registry}/${parts.join('/')}${maybeTag === null ? '' : `:${maybeTag}`}${maybeDigest === null ? '' : `@${maybeDigest}`}`;
          const parsed = parseReference(text);
          expect(parsed).toEqual({
            registry,
            repository: parts.join('/'),
            tag: maybeTag ?? (maybeDigest === null ? 'latest' : undefined),
            digest: maybeDigest ?? undefined,
          });
          expect(parseReference(formatReference(parsed))).toEqual(parsed);
        },
      ),
    );
  });

  test('is either refused as the user’s mistake or safe as a path and in a URL', () => {
    const nasty = fc.string({ unit: fc.constantFrom(...'aA0./:@-_%?#\\[] \n\0'.split(''), 'ü'), maxLength: 40 });
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string()), (text) => {
        const parsed = parsedOrRefused(text);
        if (parsed === undefined) {
          return;
        }
        expect(parsed.repository.split('/')).not.toContain('..');
        expect(parsed.tag ?? '').not.toMatch(/^\.|\//);
        const url = new URL(
          `https://${apiHost(parsed.registry)}/v2/${parsed.repository}/manifests/${parsed.tag ?? ''}`,
        );
        expect(url.pathname).toBe(`/v2/${parsed.repository}/manifests/${parsed.tag ?? ''}`);
        expect(parseReference(formatReference(parsed))).toEqual(parsed);
      }),
      { numRuns: 2000 },
    );
  });
});

test('Docker Hub has one name in references, one for its API and one for credentials', () => {
  expect([apiHost('docker.io'), credentialServer('docker.io')]).toEqual(['registry-1.docker.io', 'index.docker.io']);
  expect([apiHost('ghcr.io'), credentialServer('ghcr.io')]).toEqual(['ghcr.io', 'ghcr.io']);
});

test('a host is a name or an address with an optional port', () => {
  expect(['ghcr.io', 'localhost', 'a:1', '10.0.0.1', '[::1]:5'].every(isHost)).toBe(true);
  expect(['', 'a/b', 'a b', 'me@host', 'a:b', '[zz]', '999.1.1.1:5'].some(isHost)).toBe(false);
});
