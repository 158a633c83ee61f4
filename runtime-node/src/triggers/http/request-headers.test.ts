import { expect, it } from 'vitest';
import type { Capture } from '@spindle/api';
import { spinHeaders } from './request-headers.ts';

const request = {
  scheme: 'http',
  host: 'example.com:8080',
  pathWithQuery: '/x?a=b',
  clientAddress: '10.0.0.1:5',
} as const;

const headersFor = (raw: string, pathInfo = '', captures: Capture[] = []): Record<string, string> =>
  Object.fromEntries(spinHeaders({ raw, pathInfo, captures }, request));

it.each([
  ['/', '', '/'],
  ['/exact', '/exact', '/exact'],
  ['/wild/...', '/wild/...', '/wild'],
  ['/...', '/...', ''],
  ['/p/:id/x/...', '/p/:id/x/...', '/p/:id/x'],
])('route %s is told as Spin tells it', (raw, matched, component) => {
  expect(headersFor(raw)).toMatchObject({
    'spin-raw-component-route': raw,
    'spin-matched-route': matched,
    'spin-component-route': component,
    'spin-base-path': '/',
  });
});

it('tells the whole URL, the rest of the path, the client and each capture', () => {
  expect(headersFor('/:user_id/...', '/rest', [{ name: 'user_id', value: '7' }])).toMatchObject({
    'spin-full-url': 'http://example.com:8080/x?a=b',
    'spin-path-info': '/rest',
    'spin-client-addr': '10.0.0.1:5',
    'spin-path-match-user-id': '7',
  });
});

it('calls a host that was not named localhost', () => {
  expect(spinHeaders({ raw: '/', pathInfo: '', captures: [] }, { ...request, host: undefined })[0]).toEqual([
    'spin-full-url',
    'http://localhost/x?a=b',
  ]);
});
