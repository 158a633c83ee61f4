import { describe, expect, it } from 'vitest';
import type { HeaderList } from '../../../host/http/exchange.ts';
import type { RequestFacts, RouteFacts } from '../request-headers.ts';
import { commandArguments, metaVariables } from './meta-variables.ts';

interface Asked {
  readonly authority?: string;
  readonly headers?: HeaderList;
  readonly route?: Partial<RouteFacts>;
  readonly facts?: Partial<RequestFacts>;
}

const variables = ({ authority = 'example.com', headers = [], route, facts }: Asked = {}): Record<string, string> =>
  metaVariables({
    method: 'PUT',
    authority,
    length: 7,
    origin: {
      route: { raw: '/base/:who/...', pathInfo: '/a%20b', captures: [{ name: 'who', value: 'm%C3%A9' }], ...route },
      facts: {
        scheme: 'http',
        host: 'example.com',
        pathWithQuery: '/base/m%C3%A9/a%20b?x=1&y=%20',
        clientAddress: '10.0.0.7:1234',
        ...facts,
      },
      headers,
    },
  });

describe('the environment of a WAGI command', () => {
  it('is that of the contract', () => {
    expect(variables({ headers: [['X-Own', 'v']] })).toEqual({
      AUTH_TYPE: '',
      CONTENT_LENGTH: '7',
      CONTENT_TYPE: '',
      GATEWAY_INTERFACE: 'CGI/1.1',
      HTTP_X_OWN: 'v',
      PATH_INFO: '/a%20b',
      PATH_TRANSLATED: '/a b',
      QUERY_STRING: 'x=1&y=%20',
      REMOTE_ADDR: '10.0.0.7',
      REMOTE_HOST: '10.0.0.7',
      REMOTE_USER: '',
      REQUEST_METHOD: 'PUT',
      SCRIPT_NAME: '/base/:who',
      SERVER_NAME: 'example.com',
      SERVER_PORT: '80',
      SERVER_PROTOCOL: 'HTTP/1.1',
      SERVER_SOFTWARE: 'WAGI/1',
      X_BASE_PATH: '/',
      X_CLIENT_ADDR: '10.0.0.7:1234',
      X_COMPONENT_ROUTE: '/base/:who',
      X_FULL_URL: 'http://example.com/base/m%C3%A9/a%20b?x=1&y=%20',
      X_MATCHED_ROUTE: '/base/:who/...',
      X_PATH_MATCH_WHO: 'm%C3%A9',
      X_RAW_COMPONENT_ROUTE: '/base/:who/...',
      X_RAW_PATH_INFO: '/a%20b',
    });
  });

  it.each([
    ['example.com', 'http', 'example.com', '80'],
    ['example.com:8080', 'http', 'example.com', '8080'],
    ['example.com:', 'http', 'example.com', '80'],
    ['user@example.com:81', 'http', 'example.com', '81'],
    ['[::1]:3000', 'http', '[::1]', '3000'],
    ['[::1]', 'https', '[::1]', '443'],
  ] as const)('names the server of %s over %s as %s at %s', (authority, scheme, name, port) => {
    const { SERVER_NAME, SERVER_PORT } = variables({ authority, facts: { scheme } });
    expect([SERVER_NAME, SERVER_PORT]).toEqual([name, port]);
  });

  it('names a client of IPv6 without brackets', () => {
    const { REMOTE_ADDR, X_CLIENT_ADDR } = variables({ facts: { clientAddress: '[::1]:99' } });
    expect([REMOTE_ADDR, X_CLIENT_ADDR]).toEqual(['::1', '[::1]:99']);
  });

  it('decodes bytes that are no text, and a NUL, to something that a variable can hold', () => {
    expect(variables({ route: { pathInfo: '/%ff%00%zz%C3%A9' } })['PATH_TRANSLATED']).toBe('/\ufffd\ufffd%zzé');
  });

  it.each([
    [
      [
        ['A', '1'],
        ['a', '2'],
      ],
      { HTTP_A: '1, 2' },
    ],
    [
      [
        ['Cookie', 'a=1'],
        ['Cookie', 'b=2'],
      ],
      { HTTP_COOKIE: 'a=1; b=2' },
    ],
    [[['X-Text', 'h\xc3\xa9']], { HTTP_X_TEXT: 'hé' }],
    [
      [
        ['Authorization', 's'],
        ['Connection', 'close'],
        ['Proxy', 'evil:1'],
        ['pRoXy', 'evil:2'],
      ],
      {},
    ],
    [
      [
        ['x_user', 'forged'],
        ['X-User', 'of the proxy'],
      ],
      { HTTP_X_USER: 'of the proxy' },
    ],
    [
      [
        ['X-User', 'of the proxy'],
        ['x_user', 'forged'],
      ],
      { HTTP_X_USER: 'of the proxy' },
    ],
    [[['x_user', 'alone']], {}],
    [[['__proto__', '1']], {}],
  ] satisfies [HeaderList, Record<string, string>][])('has %j as %j', (headers, expected) => {
    const found = Object.entries(variables({ headers })).filter(([name]) => name.startsWith('HTTP_'));
    expect(Object.fromEntries(found)).toEqual(expected);
  });

  it('has the content type where commands look for it, and with the other headers', () => {
    const { CONTENT_TYPE, HTTP_CONTENT_TYPE } = variables({ headers: [['Content-Type', 'a/b']] });
    expect([CONTENT_TYPE, HTTP_CONTENT_TYPE]).toEqual(['a/b', 'a/b']);
  });
});

describe('the arguments of a WAGI command', () => {
  it.each([
    ['${SCRIPT_NAME} ${ARGS}', '/x?a=1&b', ['/x', 'a=1', 'b']],
    ['${SCRIPT_NAME} ${ARGS}', '/x', ['/x', '']],
    ['cmd  -v', '/x', ['cmd', '', '-v']],
    ['', '/x', ['']],
    ['${ARGS}${SCRIPT_NAME}${OTHER}', '/x?y', ['y/x${OTHER}']],
    ['${SCRIPT_NAME} ${SCRIPT_NAME}', '/$&', ['/$&', '/$&']],
    ['${SCRIPT_NAME}', '/${ARGS}?q', ['/${ARGS}']],
  ])('%j of %s are %j', (argv, target, expected) => {
    expect(commandArguments(argv, target)).toEqual(expected);
  });
});
