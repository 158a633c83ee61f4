import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Trap, type HostFunction } from '../../../component/index.ts';
import type { Guest } from '../../guest.ts';
import { emptyInputStream } from '../../io/ready-made.ts';
import { fakeGuest } from '../../testing/fake-guest.ts';
import { newIncomingRequest } from '../index.ts';
import { GuestMemory } from '../../testing/guest-memory.ts';
import { listOf } from '../testing/sending-guest.ts';
import { Fields } from './fields.ts';
import type { IncomingRequest } from './incoming-request.ts';
import { httpTypes } from './interface.ts';

const { guest } = fakeGuest();
const HEADER_ERRORS = ['invalid-syntax', 'forbidden', 'immutable'];
const METHODS = ['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch', 'other'];

const functionOf = (name: string): HostFunction<Guest> => httpTypes.functions[name] as HostFunction<Guest>;

const typed = (name: string, ...args: unknown[]): unknown =>
  (functionOf(name).call as (...all: unknown[]) => unknown)(guest, ...args);

function core(memory: GuestMemory, name: string, ...args: number[]): void {
  const run = functionOf(name).core?.(() => guest, memory) as (...all: number[]) => void;
  run(...args);
}

type Outcome = string | [string, string][];

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

function typedOutcome(result: unknown): Outcome {
  const { tag, val } = result as { tag: 'ok' | 'err'; val: { tag: string } | Fields | undefined };
  if (tag === 'err') {
    return (val as { tag: string }).tag;
  }
  return val instanceof Fields ? listOf(val) : 'ok';
}

/** `fields.from-list` through memory. */
function fromListCore(entries: readonly (readonly [Uint8Array, Uint8Array])[]): Outcome {
  const memory = new GuestMemory();
  const list = memory.putPairs(entries.flatMap(([name, value]) => [memory.put(name), memory.put(value)]));
  const result = memory.reserve(8, 4);
  core(memory, '[static]fields.from-list', list, entries.length, result);
  if (memory.bytes[result] === 1) {
    return HEADER_ERRORS[memory.bytes[result + 4] ?? 9] ?? 'bad';
  }
  return listOf(memory.object(memory.view.getUint32(result + 4, true)) as Fields);
}

function appendCore(fields: Fields, name: Uint8Array, value: Uint8Array): Outcome {
  const memory = new GuestMemory();
  const handle = memory.insert(fields);
  const args = [...memory.put(name), ...memory.put(value)];
  const result = memory.reserve(2);
  core(memory, '[method]fields.append', handle, ...args, result);
  return memory.bytes[result] === 0 ? 'ok' : (HEADER_ERRORS[memory.bytes[result + 1] ?? 9] ?? 'bad');
}

function entriesCore(fields: Fields): [string, string][] {
  const memory = new GuestMemory();
  const handle = memory.insert(fields);
  const result = memory.reserve(8, 4);
  core(memory, '[method]fields.entries', handle, result);
  const list = memory.view.getUint32(result, true);
  return Array.from({ length: memory.view.getUint32(result + 4, true) }, (_, index) => [
    Buffer.from(memory.bytesAt(list + index * 16)).toString(),
    Buffer.from(memory.bytesAt(list + index * 16 + 8)).toString('latin1'),
  ]);
}

const names = fc.oneof(
  fc.constantFrom('a', 'X-A', 'content-length', 'host', 'bad name', '', 'naïve', '\u212a'),
  fc.string({ maxLength: 100 }),
);
const values = fc
  .oneof(fc.constantFrom('', '5', 'a\nb', '\u00ff'), fc.string({ maxLength: 100 }))
  .map((text) => Buffer.from(text).subarray(0, 100));

describe('header functions at the core ABI', () => {
  it('make fields from a list as the typed one does', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(names, values), { maxLength: 5 }), (entries) => {
        const bytes = entries.map(([name, value]): [Uint8Array, Uint8Array] => [Buffer.from(name), value]);
        expect(fromListCore(bytes)).toEqual(typedOutcome(typed('[static]fields.from-list', entries)));
      }),
    );
  });

  it('append as the typed one does, to mutable fields and to immutable ones', () => {
    fc.assert(
      fc.property(fc.boolean(), names, values, (frozen, name, value) => {
        const [mine, theirs] = [new Fields(), new Fields()];
        for (const fields of [mine, theirs]) {
          fields.appendText('x-a', '1');
          if (frozen) {
            fields.freeze();
          }
        }
        const outcome = appendCore(mine, Buffer.from(name), value);
        expect(outcome).toBe(typedOutcome(typed('[method]fields.append', theirs, name, value)));
        expect(listOf(mine)).toEqual(listOf(theirs));
      }),
    );
  });

  it('give entries as the typed one does', () => {
    const token = fc.stringMatching(/^[a-z-]{1,100}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(token, values), { maxLength: 5 }), (entries) => {
        const fields = Fields.received(entries.map(([name, value]) => [name, value.toString('latin1')]));
        expect(entriesCore(fields)).toEqual(listOf(fields));
      }),
    );
  });

  it('ask the guest for memory even for nothing, since it may free what it gets', () => {
    const memory = new GuestMemory();
    core(memory, '[method]fields.entries', memory.insert(new Fields()), memory.reserve(8, 4));
    expect(memory.allocations).toEqual([0]);
    const empty = new Fields();
    empty.appendText('x', '');
    core(memory, '[method]fields.entries', memory.insert(empty), memory.reserve(8, 4));
    expect(memory.allocations).toEqual([0, 16, 1, 0]);
  });

  it.each<[string, (memory: GuestMemory, fields: number) => void]>([
    [
      'a name that is not UTF-8',
      (memory, fields) => {
        const [pointer, length] = memory.put(Buffer.from([0x61, 0xff]));
        core(memory, '[method]fields.append', fields, pointer, length, 0, 0, memory.reserve(2));
      },
    ],
    [
      'a name beyond the end of memory',
      (memory, fields) => {
        core(memory, '[method]fields.append', fields, 0x7fff_ffff, 1, 0, 0, memory.reserve(2));
      },
    ],
    [
      'a value whose end is beyond it',
      (memory, fields) => {
        const [pointer, length] = memory.put(latin1('x'));
        core(memory, '[method]fields.append', fields, pointer, length, 0, -1, memory.reserve(2));
      },
    ],
    [
      'a result beyond it',
      (memory, fields) => {
        const [pointer, length] = memory.put(latin1('x'));
        core(memory, '[method]fields.append', fields, pointer, length, 0, 0, -1);
      },
    ],
    ['a list that is not aligned', (memory) => core(memory, '[static]fields.from-list', 17, 1, memory.reserve(8, 4))],
    ['a list longer than memory', (memory) => core(memory, '[static]fields.from-list', 16, -1, memory.reserve(8, 4))],
    ['a result that is not aligned', (memory, fields) => core(memory, '[method]fields.entries', fields, 18)],
    ['a handle of nothing', (memory) => core(memory, '[method]fields.entries', 9, memory.reserve(8, 4))],
  ])('trap on %s', (_what, run) => {
    const memory = new GuestMemory();
    const fields = memory.insert(new Fields());
    expect(() => run(memory, fields)).toThrow(Trap);
  });
});

const receive = (method: string, pathWithQuery: string | null, authority: string): IncomingRequest =>
  newIncomingRequest({
    method,
    pathWithQuery,
    authority,
    scheme: 'http',
    headers: [],
    body: {
      stream: emptyInputStream(),
      trailers: { ready: () => true, wait: async () => {}, value: () => ({ tag: 'ok', val: null }) },
    },
  });

describe('request functions at the core ABI', () => {
  it('say what the typed ones say', () => {
    const method = fc.oneof(
      fc.constantFrom('GET', 'POST', 'CONNECT', 'get'),
      fc.string({ minLength: 1, maxLength: 80 }),
    );
    fc.assert(
      fc.property(
        method,
        fc.option(fc.string({ maxLength: 80 })),
        fc.string({ unit: 'grapheme' }),
        (name, path, host) => {
          const request = receive(name, path, host);
          const memory = new GuestMemory();
          const handle = memory.insert(request);
          const call = (each: string): number => {
            const result = memory.reserve(12, 4);
            core(memory, `[method]incoming-request.${each}`, handle, result);
            return result;
          };
          const text = (at: number): string => Buffer.from(memory.bytesAt(at + 4)).toString();

          const methodAt = call('method');
          const tag = METHODS[memory.bytes[methodAt] ?? 99];
          expect(tag === 'other' ? { tag, val: text(methodAt) } : { tag }).toEqual(request.method());
          const pathAt = call('path-with-query');
          expect(memory.bytes[pathAt] === 1 ? text(pathAt) : undefined).toBe(request.pathWithQuery());
          expect(text(call('authority'))).toBe(request.authority());
        },
      ),
    );
  });
});
