import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { CredentialSource } from '../auth/credentials.ts';
import { type Answer, impatient, send, startFaultRegistry } from '../testing/fault-registry.ts';
import { everythingIn, thrown, userError } from '../testing/thrown.ts';
import type { RegistryOptions } from '../types.ts';
import { RegistrySession } from './session.ts';

const SECRET = 's3cret';
const login: CredentialSource = async () => ({
  credentials: { kind: 'password', username: 'me', password: SECRET, from: 'the test' },
  problems: [],
});
const BASIC = `Basic ${Buffer.from(`me:${SECRET}`).toString('base64')}`;

async function started(answer: Answer, options: RegistryOptions = impatient()) {
  const registry = await startFaultRegistry(answer);
  const session = new RegistrySession(registry.host, 'me/app', `${registry.host}/me/app:v1`, options);
  const get = () => session.send({ method: 'GET', target: '/v2/me/app/tags/list', access: 'pull', expect: [200] });
  return { registry, session, get };
}

const guarded: Answer = ({ headers }, response) =>
  headers.authorization === BASIC
    ? send(response, 200)
    : send(
        response,
        401,
        { 'www-authenticate': 'Basic realm="r"' },
        '{"errors":[{"code":"UNAUTHORIZED","message":"s3cret?"}]}',
      );

describe('a registry that asks for Basic credentials', () => {
  test('gets them, and at once with every further request', async () => {
    const { registry, get } = await started(guarded, { ...impatient(), credentials: login });
    await get();
    await get();
    expect(registry.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, BASIC, BASIC]);
  });

  test('and refuses them, is told with what was tried, without the password', async () => {
    const { registry, get } = await started(guarded, {
      ...impatient(),
      credentials: async () => ({
        credentials: { kind: 'password', username: 'me', password: 's3cret-wrong', from: '/auth.json' },
        problems: ['docker-credential-x: it failed'],
      }),
    });
    const error = await userError(get);
    expect(error.code).toBe('SPK2005');
    expect(error.message).toContain('tried those of /auth.json; docker-credential-x: it failed');
    expect(error.remedy).toContain(`spindle registry login ${registry.host}`);
    expect(everythingIn(error)).not.toContain('s3cret');
    expect(registry.requests).toHaveLength(2);
  });

  test('when there are none is told so', async () => {
    const { get } = await started(guarded);
    expect((await userError(get)).message).toContain('no credentials were found');
  });
});

/** Both on one server; `lifetime` undefined leaves `expires_in` out. */
const withTokens =
  (lifetime?: number, accepted = () => true): Answer =>
  ({ line, headers }, response) => {
    const host = headers.host ?? '';
    if (line.startsWith('GET /token')) {
      send(response, 200, {}, JSON.stringify({ token: `token-${line.length}`, expires_in: lifetime }));
    } else if (headers.authorization?.startsWith('Bearer ') === true && accepted()) {
      send(response, 200);
    } else {
      const challenge = `Bearer realm="http://${host}/token",service="the service",scope="repository:me/app:pull"`;
      send(response, 401, { 'www-authenticate': challenge });
    }
  };

describe('a registry that sends to a token service', () => {
  test('gets a token for the scope with the credentials, and uses it again', async () => {
    const { registry, get } = await started(withTokens(), { ...impatient(), credentials: login });
    await get();
    await get();
    expect(registry.requests.map(({ line }) => line.split('?')[0])).toEqual([
      'GET /v2/me/app/tags/list',
      'GET /token',
      'GET /v2/me/app/tags/list',
      'GET /v2/me/app/tags/list',
    ]);
    expect(registry.requests[1]?.line).toBe('GET /token?service=the+service&scope=repository%3Ame%2Fapp%3Apull');
    expect(registry.requests[1]?.headers.authorization).toBe(BASIC);
    expect(registry.requests[3]?.headers.authorization).toMatch(/^Bearer token-/);
  });

  test('gives tokens to strangers too', async () => {
    const { registry, get } = await started(withTokens());
    await get();
    expect(registry.requests[1]?.headers.authorization).toBeUndefined();
  });

  test('is asked once by many requests that start together', async () => {
    const { registry, get } = await started(withTokens());
    await Promise.all(Array.from({ length: 8 }, get));
    expect(registry.requests.filter(({ line }) => line.startsWith('GET /token'))).toHaveLength(1);
  });

  test.each([
    ['a token that says so lives as long', 60, 49_000, 51_000],
    ['a token that says nothing lives five minutes', undefined, 289_000, 291_000],
  ])('is asked again when its token is at its end: %s', async (_, lifetime, before, after) => {
    let now = 0;
    const options = impatient();
    const { registry, get } = await started(withTokens(lifetime), {
      ...options,
      transport: { ...options.transport, now: () => now },
    });
    const tokens = (): number => registry.requests.filter(({ line }) => line.startsWith('GET /token')).length;
    await get();
    now = before;
    await get();
    expect(tokens()).toBe(1);
    now = after;
    await get();
    expect(tokens()).toBe(2);
  });

  test('and then refuses the token is not asked for ever', async () => {
    const { registry, get } = await started(withTokens(300, () => false));
    expect((await userError(get)).code).toBe('SPK2005');
    expect(registry.requests).toHaveLength(3);
  });

  test('gets an identity token by OAuth, in the body', async () => {
    const { registry, get } = await started(
      ({ line, headers }, response) => {
        if (line === 'POST /token') {
          send(response, 200, {}, '{"access_token":"tok"}');
        } else {
          const challenge = `Bearer realm="http://${headers.host ?? ''}/token",service="s"`;
          send(response, headers.authorization === 'Bearer tok' ? 200 : 401, { 'www-authenticate': challenge });
        }
      },
      {
        ...impatient(),
        credentials: async () => ({ credentials: { kind: 'identity-token', token: SECRET, from: 'x' }, problems: [] }),
      },
    );
    await get();
    expect(Object.fromEntries(new URLSearchParams(registry.requests[1]?.body.toString()))).toEqual({
      grant_type: 'refresh_token',
      client_id: 'spindle',
      refresh_token: SECRET,
      service: 's',
      scope: 'repository:me/app:pull',
    });
  });

  test('that refuses is told with its status, without the password that it repeats', async () => {
    const { get } = await started(
      ({ line, headers }, response) =>
        line.startsWith('GET /token')
          ? send(response, 403, {}, `{"errors":[{"code":"DENIED","message":"${SECRET}"}]}`)
          : send(response, 401, { 'www-authenticate': `Bearer realm="http://${headers.host ?? ''}/token"` }),
      { ...impatient(), credentials: login },
    );
    const error = await userError(get);
    expect(error.message).toContain('answered 403');
    expect(everythingIn(error)).not.toContain(SECRET);
  });

  test.each(['', 'not json', '{}', '{"token":7}', '{"token":"a b"}', '{"token":"a\\nx: y"}', 'x'.repeat(2_000_000)])(
    'that answers with something else (%#) is an error, not a crash',
    async (body) => {
      const { session, get } = await started(({ line, headers }, response) =>
        line.startsWith('GET /token')
          ? send(response, 200, {}, body)
          : send(response, 401, { 'www-authenticate': `Bearer realm="http://${headers.host ?? ''}/token"` }),
      );
      expect((await userError(() => session.repeat(get))).message).toContain('no usable token');
    },
  );

  test.each(['', 'file:///etc/passwd', 'not a url', 'ftp://x/'])('at %j is not asked', async (realm) => {
    const { registry, get } = await started((_, response) =>
      send(response, 401, { 'www-authenticate': `Bearer realm="${realm}"` }),
    );
    expect((await userError(get)).code).toBe('SPK2021');
    expect(registry.requests).toHaveLength(1);
  });
});

test.each([[''], ['Negotiate'], ['Digest realm="r"']])(
  'a challenge of another kind (%j) is named',
  async (challenge) => {
    const { get } = await started((_, response) =>
      send(response, 401, challenge === '' ? {} : { 'www-authenticate': challenge }),
    );
    const error = await userError(get);
    expect([error.code, error.remedy]).toEqual(['SPK2021', 'Basic and Bearer authentication are supported.']);
  },
);

describe('a redirect', () => {
  test('to another host is followed without the credentials', async () => {
    const storage = await startFaultRegistry((_, response) => send(response, 200, {}, 'content'));
    const { registry, get } = await started(
      ({ headers }, response) =>
        headers.authorization === BASIC
          ? send(response, 307, { location: `http://${storage.host}/somewhere?signed=yes` })
          : send(response, 401, { 'www-authenticate': 'Basic realm="r"' }),
      { ...impatient(), credentials: login },
    );
    expect((await get()).status).toBe(200);
    expect(registry.requests).toHaveLength(2);
    expect(storage.requests.map(({ line, headers }) => [line, headers.authorization])).toEqual([
      ['GET /somewhere?signed=yes', undefined],
    ]);
  });

  test('back from another host gets them again, and a 401 of the other host is not answered', async () => {
    const storage = await startFaultRegistry((_, response) =>
      send(response, 401, { 'www-authenticate': 'Basic realm="mine"' }),
    );
    const { get } = await started(
      ({ headers }, response) =>
        headers.authorization === BASIC
          ? send(response, 302, { location: `http://${storage.host}/` })
          : send(response, 401, { 'www-authenticate': 'Basic realm="r"' }),
      { ...impatient(), credentials: login },
    );
    await userError(get);
    expect(storage.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test('within the host may be relative and keeps the credentials', async () => {
    const { registry, get } = await started(
      ({ line, headers }, response) =>
        headers.authorization === BASIC
          ? send(response, line === 'GET /moved' ? 200 : 307, { location: '/moved' })
          : send(response, 401, { 'www-authenticate': 'Basic realm="r"' }),
      { ...impatient(), credentials: login },
    );
    await get();
    expect(registry.requests.at(-1)?.headers.authorization).toBe(BASIC);
  });

  test('without end is given up', async () => {
    const { registry, get } = await started((_, response) => send(response, 302, { location: '/again' }));
    expect((await userError(get)).code).toBe('SPK2020');
    expect(registry.requests).toHaveLength(6);
  });

  test.each(['', 'http://', 'file:///etc/passwd', 'http://me:pw@127.0.0.1/', 'javascript:alert(1)'])(
    'to %j is refused',
    async (location) => {
      const { get } = await started((_, response) => send(response, 307, location === '' ? {} : { location }));
      expect((await userError(get)).code).toBe('SPK2020');
    },
  );

  test('of an upload is refused', async () => {
    const { session } = await started((_, response) => send(response, 307, { location: '/elsewhere' }));
    const post = () => session.send({ method: 'POST', target: '/v2/', access: 'push', expect: [202] });
    expect((await userError(post)).message).toContain('redirects an upload');
  });
});

describe('a URL that a registry reached by HTTPS gives', () => {
  const session = new RegistrySession('registry.example', 'me/app', 'ref', {});
  test('keeps the encryption when only the scheme was forgotten', () => {
    expect(session.resolve('http://registry.example/v2/x?y=z').href).toBe('https://registry.example/v2/x?y=z');
  });
  test('may not lead to another host in clear text', async () => {
    const error = await userError(() => session.resolve('http://storage.example/x'));
    expect(error.message).toContain('from HTTPS to plain HTTP at storage.example');
  });
  test('may be a token service only when that is encrypted too', async () => {
    const challenge = new Response(null, {
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="http://auth.example/token"' },
    });
    const encrypted = new RegistrySession('registry.example', 'me/app', 'ref', {
      transport: { fetch: async () => challenge },
      credentials: login,
    });
    const error = await userError(() =>
      encrypted.send({ method: 'GET', target: '/v2/', access: 'pull', expect: [200] }),
    );
    expect(error.message).toContain('wants the password sent over plain HTTP');
  });
});

describe('an answer that is not expected', () => {
  test.each([
    [
      404,
      '{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known"}]}',
      'answered 404: "NAME_UNKNOWN repository name not known"',
    ],
    [400, 'a page', 'answered 400'],
    [418, '{"errors":[{"code":"\\u001b[31mred","message":null}]}', 'answered 418: "\\u001b[31mred"'],
    [400, '{"errors":"x"}', 'answered 400'],
    [400, `{"errors":[{"message":"${'x'.repeat(5000)}"}]}`, `answered 400: "${'x'.repeat(200)}…"`],
  ])('(%i) is told once, with its code, fit for a terminal', async (status, body, said) => {
    const { registry, session, get } = await started((_, response) => send(response, status, {}, body));
    const error = await userError(() => session.repeat(get));
    expect(error.message.endsWith(said)).toBe(true);
    expect(error.place.file).toBe(`${registry.host}/me/app:v1`);
    expect(registry.requests).toHaveLength(1);
  });

  test('403 tells who was refused', async () => {
    const { get } = await started((_, response) => send(response, 403));
    expect((await userError(get)).code).toBe('SPK2006');
  });

  test.each([500, 502, 503, 504, 408])(
    '%i is asked for again, and works when the server has recovered',
    async (status) => {
      const waits: number[] = [];
      let left = 2;
      const { session, get } = await started(
        (_, response) => send(response, left-- > 0 ? status : 200),
        impatient(waits),
      );
      await session.repeat(get);
      expect(waits).toEqual([50, 100]);
    },
  );

  test('500 for ever is given up, with the reason', async () => {
    const { registry, session, get } = await started((_, response) => send(response, 500));
    const error = await userError(() => session.repeat(get));
    expect(error.message).toBe(`cannot reach the registry ${registry.host}: it answered 500`);
    expect(registry.requests).toHaveLength(3);
  });

  test('429 waits as long as the server says', async () => {
    const waits: number[] = [];
    let left = 1;
    const { session, get } = await started(
      (_, response) => send(response, left-- > 0 ? 429 : 200, { 'retry-after': '7' }),
      impatient(waits),
    );
    await session.repeat(get);
    expect(waits).toEqual([7000]);
  });

  test('429 for an hour is told at once', async () => {
    const { registry, session, get } = await started((_, response) => send(response, 429, { 'retry-after': '3600' }));
    expect((await userError(() => session.repeat(get))).remedy).toContain('try again in 3600 s');
    expect(registry.requests).toHaveLength(1);
  });
});

describe('a registry that does not answer', () => {
  const fast = { ...impatient().transport, answerTimeoutMs: 50, stallTimeoutMs: 50 };

  test('is given up after the deadline', async () => {
    const { session, get } = await started(() => {}, { insecure: true, transport: fast });
    expect((await userError(() => session.repeat(get))).message).toContain('no answer for 0.05 s');
  });

  test('or stops in the middle of an answer, is given up as well', async () => {
    const { session, get } = await started(
      (_, response) => {
        response.writeHead(200, { 'content-length': '10' });
        response.write('some');
      },
      { insecure: true, transport: fast },
    );
    const readAll = async () => Array.fromAsync((await get()).body);
    expect((await userError(() => session.repeat(readAll))).message).toContain('no data for 0.05 s');
  });

  test('because nobody listens, is told as such', async () => {
    const session = new RegistrySession(await unusedHost(), 'me/app', 'ref', impatient());
    const get = () => session.send({ method: 'GET', target: '/v2/', access: 'pull', expect: [200] });
    expect((await userError(() => session.repeat(get))).message).toMatch(/: connection refused$/);
  });

  test('at a port that fetch does not speak to, is told as such', async () => {
    const session = new RegistrySession('127.0.0.1:6000', 'me/app', 'ref', impatient());
    const get = () => session.send({ method: 'GET', target: '/v2/', access: 'pull', expect: [200] });
    expect((await userError(() => session.repeat(get))).message).toContain('reserved for another protocol');
  });

  test('in TLS, is told with the way out', async () => {
    const { host } = await startFaultRegistry(() => {});
    const session = new RegistrySession(host, 'me/app', 'ref', { ...impatient(), insecure: false });
    const get = () => session.send({ method: 'GET', target: '/v2/', access: 'pull', expect: [200] });
    const error = await userError(() => session.repeat(get));
    expect(error.remedy).toContain('--insecure');
  });

  test('and a caller who gives up gets his own reason back', async () => {
    const stop = new AbortController();
    const { session, get } = await started(() => stop.abort(new Error('enough')), {
      insecure: true,
      signal: stop.signal,
    });
    expect(await thrown(() => session.repeat(get))).toBe(stop.signal.reason);
  });
});

/** A port that was free a moment ago. */
async function unusedHost(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return `127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
}
