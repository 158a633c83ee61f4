// What each candidate has, and what its functions do where they are not those of today.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { plain, Trap, type HostInterface } from '../../component/index.ts';
import { decodeComponent } from '../../component/decode/index.ts';
import type { ErrorCode } from '../http/error-code.ts';
import type { Guest } from '../guest.ts';
import { httpTypes } from '../http/types/interface.ts';
import { Fields } from '../http/types/fields.ts';
import { realGuest } from '../testing/real-guest.ts';
import { fakeGuest } from '../testing/fake-guest.ts';
import { gone, invoke, type Functions } from './adapt.ts';
import { releaseCandidates } from './index.ts';
import { rustDebug } from './rust-debug.ts';

const world = async (date: string): Promise<Uint8Array> =>
  brotliDecompressSync(await readFile(join(import.meta.dirname, `testing/${date}.wasm.br`)));

describe.each(['2023-10-18', '2023-11-10'])('the candidate of %s', (date) => {
  it('links a component that imports all of it', async () => {
    const bytes = await world(date);
    const { importedInterfaces } = decodeComponent(bytes);
    expect(importedInterfaces.length).toBeGreaterThan(25);
    expect(importedInterfaces.every((name) => name.endsWith(date))).toBe(true);
    await using guest = await realGuest(bytes);
    expect(guest.linked.exports.size).toBe(0);
  });
});

it('is made only of what is imported, and of what there is', () => {
  const today = new Map<string, HostInterface<Guest>>([['wasi:io/poll@0.2.12', { functions: {}, resources: {} }]]);
  const made = releaseCandidates(today, [
    'wasi:io/poll@0.2.12',
    'wasi:io/poll@0.2.0-rc-2023-11-10',
    'wasi:io/streams@0.2.0-rc-2023-11-10',
    'wasi:io/poll@0.2.0-rc-2023-12-05',
    'wasi:clocks/timezone@0.2.0-rc-2023-10-18',
  ]);
  expect([...made.keys()]).toEqual(['wasi:io/poll@0.2.0-rc-2023-11-10']);
});

/** The functions of October over http types and a handler that notes what it is given. */
function october(handled: unknown = { tag: 'ok', val: 'future' }) {
  const given: unknown[] = [];
  const today = new Map<string, HostInterface<Guest>>([
    ['wasi:http/types@0.2.12', httpTypes],
    [
      'wasi:http/outgoing-handler@0.2.12',
      {
        resources: {},
        functions: {
          handle: plain((_guest: Guest, ...args: unknown[]) => {
            given.push(...args);
            return handled;
          }),
        },
      },
    ],
  ]);
  const names = ['types', 'outgoing-handler'].map((name) => `wasi:http/${name}@0.2.0-rc-2023-10-18`);
  const functions: Functions = Object.assign(
    {},
    ...[...releaseCandidates(today, names).values()].map((one) => one.functions),
  );
  const { guest } = fakeGuest();
  const call = (name: string, ...args: unknown[]): unknown => {
    const called = functions[name];
    if (called === undefined) {
      throw new Error(`no ${name}`);
    }
    return invoke(called, guest, ...args);
  };
  return { call, given };
}

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('wasi:http of October 2023', () => {
  it('makes fields of entries', () => {
    const { call } = october();
    const fields = call('[constructor]fields', [['A', bytes('1')], ['b', bytes('2')]]); // prettier-ignore
    expect(call('[method]fields.entries', fields)).toEqual([['a', bytes('1')], ['b', bytes('2')]]); // prettier-ignore
  });

  it.each([
    ['[constructor]fields', [[['a b', bytes('1')]]]],
    ['[constructor]fields', [[['connection', bytes('close')]]]],
    ['[method]fields.set', [new Fields(), 'a b', []]],
    ['[method]fields.append', [new Fields(), 'host', bytes('x')]],
    ['[method]fields.delete', [new Fields(), ':']],
    ['[method]fields.set', [Fields.received([]), 'a', []]],
    ['[constructor]outgoing-request', [{ tag: 'other', val: 'A B' }, '/', undefined, undefined, new Fields()]],
    ['[constructor]outgoing-request', [{ tag: 'get' }, 'a b', undefined, undefined, new Fields()]],
    ['[constructor]outgoing-request', [{ tag: 'get' }, '/', { tag: 'other', val: '!' }, undefined, new Fields()]],
    ['[constructor]outgoing-request', [{ tag: 'get' }, '/', undefined, 'a b', new Fields()]],
    ['[constructor]outgoing-response', [99, new Fields()]],
  ])('%s ends a guest that gives what is none: %j', (name, args) => {
    expect(() => october().call(name, ...args)).toThrow(Trap);
  });

  it('keeps the fields of a message apart from those it was made of', () => {
    const { call } = october();
    const fields = call('[constructor]fields', []) as Fields;
    const response = call('[constructor]outgoing-response', 201, fields);
    call('[method]fields.append', fields, 'later', bytes('1'));
    expect(call('[method]outgoing-response.status-code', response)).toBe(201);
    expect(call('[method]fields.entries', call('[method]outgoing-response.headers', response))).toEqual([]);
  });

  it('takes time limits in milliseconds, those that are given', () => {
    const { call, given } = october();
    const options = { connectTimeoutMs: 5, firstByteTimeoutMs: undefined, betweenBytesTimeoutMs: 7 };
    expect(call('handle', 'request', options)).toEqual({ tag: 'ok', val: 'future' });
    expect(given).toMatchObject(['request', { connectTimeout: 5_000_000n, betweenBytesTimeout: 7_000_000n }]);
    expect(given[1]).toMatchObject({ firstByteTimeout: undefined });
    call('handle', 'request', undefined);
    expect(given.at(-1)).toBeUndefined();
  });

  it('tells a refusal as an unexpected error', () => {
    const { call } = october({ tag: 'err', val: { tag: 'HTTP-protocol-error' } });
    expect(call('handle', 'request', undefined)).toEqual({
      tag: 'err',
      val: { tag: 'unexpected-error', val: 'ErrorCode::HttpProtocolError' },
    });
  });

  it.each([
    ['pending', undefined, undefined],
    ['there', { tag: 'ok', val: { tag: 'ok', val: 'trailers' } }, { tag: 'ok', val: 'trailers' }],
    ['none', { tag: 'ok', val: { tag: 'ok', val: undefined } }, { tag: 'ok', val: expect.any(Fields) }],
    [
      'broken off',
      { tag: 'ok', val: { tag: 'err', val: { tag: 'connection-terminated' } } },
      { tag: 'err', val: { tag: 'unexpected-error', val: 'ErrorCode::ConnectionTerminated' } },
    ],
  ])('gives trailers that are %s', (_, now, then) => {
    expect(october().call('[method]future-trailers.get', { get: () => now })).toEqual(then);
  });

  it('ends a guest that asks for trailers twice', () => {
    const taken = { get: () => ({ tag: 'err', val: undefined }) };
    expect(() => october().call('[method]future-trailers.get', taken)).toThrow('already been retrieved');
  });

  it('says of an answer what went wrong, once', () => {
    const { call } = october();
    const get = (now: unknown): unknown => call('[method]future-incoming-response.get', { get: () => now });
    expect(get(undefined)).toBeUndefined();
    expect(get({ tag: 'err', val: undefined })).toEqual({ tag: 'err', val: undefined });
    expect(get({ tag: 'ok', val: { tag: 'ok', val: 'response' } })).toEqual({
      tag: 'ok',
      val: { tag: 'ok', val: 'response' },
    });
    expect(get({ tag: 'ok', val: { tag: 'err', val: { tag: 'HTTP-request-denied' } } })).toEqual({
      tag: 'ok',
      val: { tag: 'err', val: { tag: 'unexpected-error', val: 'ErrorCode::HttpRequestDenied' } },
    });
  });

  it.each([
    ['invalid-url', 'invalid url: why'],
    ['timeout-error', 'timeout: why'],
    ['protocol-error', 'protocol error: why'],
    ['unexpected-error', 'unexpected error: why'],
  ])('answers with the error %s', (tag, said) => {
    const set: unknown[] = [];
    october().call(
      '[static]response-outparam.set',
      { set: (one: unknown) => set.push(one) },
      { tag: 'err', val: { tag, val: 'why' } },
    );
    expect(set).toEqual([{ tag: 'err', val: { tag: 'internal-error', val: said } }]);
  });
});

it('a function without successor ends the guest, by its name', () => {
  const { '[method]descriptor.lock-shared': lock } = gone(['[method]descriptor.lock-shared']);
  expect(() => lock && invoke(lock, fakeGuest().guest)).toThrow('lock-shared API is no longer supported');
});

it.each<{ code: ErrorCode; text: string }>([
  { code: { tag: 'HTTP-request-denied' }, text: 'ErrorCode::HttpRequestDenied' },
  { code: { tag: 'HTTP-request-URI-invalid' }, text: 'ErrorCode::HttpRequestUriInvalid' },
  { code: { tag: 'destination-IP-prohibited' }, text: 'ErrorCode::DestinationIpProhibited' },
  {
    code: { tag: 'DNS-error', val: { rcode: 'no such name', infoCode: 3 } },
    text: 'ErrorCode::DnsError(DnsErrorPayload { rcode: Some("no such name"), info-code: Some(3) })',
  },
  {
    code: { tag: 'TLS-alert-received', val: { alertId: undefined, alertMessage: undefined } },
    text: 'ErrorCode::TlsAlertReceived(TlsAlertReceivedPayload { alert-id: None, alert-message: None })',
  },
  { code: { tag: 'HTTP-request-body-size', val: 4n }, text: 'ErrorCode::HttpRequestBodySize(Some(4))' },
  { code: { tag: 'HTTP-request-header-size', val: undefined }, text: 'ErrorCode::HttpRequestHeaderSize(None)' },
  {
    code: { tag: 'HTTP-response-header-size', val: { fieldName: 'a', fieldSize: 1 } },
    text: 'ErrorCode::HttpResponseHeaderSize(FieldSizePayload { field-name: Some("a"), field-size: Some(1) })',
  },
  { code: { tag: 'internal-error', val: 'a "b"' }, text: 'ErrorCode::InternalError(Some("a \\"b\\""))' },
])('$text is written as Rust does', ({ code, text }) => {
  expect(rustDebug(code)).toBe(text);
});
