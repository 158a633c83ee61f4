import { expect, it } from 'vitest';
import { redirected } from './redirect.ts';
import type { SpinRequest } from './types.ts';

const REQUEST: SpinRequest = {
  method: 'post',
  uri: 'http://a.example/x',
  headers: [['Authorization', 's'], ['Cookie', 'c'], ['Content-Type', 't'], ['x-a', '1']], // prettier-ignore
  params: [],
  body: new Uint8Array([1]),
};

const next = (change: Partial<SpinRequest>, status: number, location?: string): SpinRequest | undefined =>
  redirected({ ...REQUEST, ...change }, 'http://a.example/x', status, location);

const names = (location: string): unknown => next({}, 307, location)?.headers.map(([name]) => name);

it.each([
  [301, 'get'],
  [302, 'get'],
  [303, 'get'],
  [307, 'post'],
  [308, 'post'],
])('after %i a POST is a %s', (status, method) => {
  const request = next({}, status, '/y');
  expect(request).toMatchObject({ method, uri: 'http://a.example/y' });
  expect(request?.body).toEqual(method === 'post' ? REQUEST.body : undefined);
  expect(request?.headers.some(([name]) => name === 'Content-Type')).toBe(method === 'post');
});

it.each(['get', 'head'] as const)('a %s stays what it is', (method) => {
  expect(next({ method, body: undefined }, 303, 'y')?.method).toBe(method);
});

it.each([
  ['y?z=1', 'http://a.example/y?z=1'],
  ['//b.example/', 'http://b.example/'],
  ['https://b.example', 'https://b.example/'],
  ['', 'http://a.example/x'],
])('location %j is %s', (location, uri) => {
  expect(next({}, 302, location)?.uri).toBe(uri);
});

it.each([
  [200, '/y'],
  [300, '/y'],
  [304, '/y'],
  [302, undefined],
  [302, 'http://['],
  [302, 'ftp://b.example/'],
  [302, 'javascript:alert(1)'],
])('%i with location %j is handed on', (status, location) => {
  expect(next({}, status, location)).toBeUndefined();
});

it('credentials are for the host they were given for, its port included', () => {
  expect(names('/y')).toEqual(['Authorization', 'Cookie', 'Content-Type', 'x-a']);
  expect(names('http://b.example/')).toEqual(['Content-Type', 'x-a']);
  expect(names('http://a.example:8080/')).toEqual(['Content-Type', 'x-a']);
});
