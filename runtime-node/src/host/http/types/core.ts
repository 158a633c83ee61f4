// Those functions of wasi:http/types that carry headers and are called in every request, at the core ABI: text goes
// between the guest's memory and the host's strings without lists and byte arrays on the way. Layouts are those of the
// canonical ABI for the types in the WIT.
import type { CoreBinding, HostFunction } from '../../../component/index.ts';
import { allocate, PAIR, place, U32_BYTES } from '../../core-memory.ts';
import type { Guest } from '../../guest.ts';
import { heldBy, type Held } from '../../held-bytes.ts';
import { readLatin1, storeLatin1 } from './latin1-memory.ts';
import { Fields, type HeaderError } from './fields.ts';
import { IncomingRequest } from './incoming-request.ts';

type CoreFunction = NonNullable<HostFunction<Guest>['core']>;

/** Discriminants in the order of the WIT. */
const HEADER_ERRORS: readonly HeaderError['tag'][] = ['invalid-syntax', 'forbidden', 'immutable'];
const METHODS = ['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch', 'other'] as const;

/** `result<_, header-error>`: discriminant, error at 1. */
const CHANGE = { size: 2, align: 1, error: 1 } as const;
/** `result<fields, header-error>`: discriminant, handle or error at 4. */
const MADE = { size: 8, align: 4, payload: 4 } as const;
/** `tuple<string, list<u8>>`: two pairs. */
const ENTRY = { size: 2 * PAIR.size, align: PAIR.align, value: PAIR.size } as const;
/** `option<string>`, and `method` whose one payload is a string: discriminant, string at 4. */
const TEXT = { size: 12, align: 4, payload: 4 } as const;

type Change = ReturnType<Fields['append']>;

const errorNumber = (change: Change & { tag: 'err' }): number => HEADER_ERRORS.indexOf(change.val.tag);

function storeChange(binding: CoreBinding, result: number, change: Change): void {
  const at = place(binding, result, CHANGE);
  const { bytes } = binding;
  bytes[at] = change.tag === 'ok' ? 0 : 1;
  if (change.tag === 'err') {
    bytes[at + CHANGE.error] = errorNumber(change);
  }
}

function storeOptionalText(binding: CoreBinding, result: number, text: string | undefined): void {
  const at = place(binding, result, TEXT);
  binding.bytes[at] = text === undefined ? 0 : 1;
  if (text !== undefined) {
    binding.writeString(text, at + TEXT.payload);
  }
}

function storeMade(binding: CoreBinding, result: number, made: Fields | (Change & { tag: 'err' })): void {
  const at = place(binding, result, MADE);
  binding.bytes[at] = made instanceof Fields ? 0 : 1;
  if (made instanceof Fields) {
    binding.view.setInt32(at + MADE.payload, binding.insert(made), true);
  } else {
    binding.bytes[at + MADE.payload] = errorNumber(made);
  }
}

/** One entry at a time: a list may name the same long text very often. */
function loadFields(
  binding: CoreBinding,
  held: Held,
  pointer: number,
  length: number,
): Fields | (Change & { tag: 'err' }) {
  const count = length >>> 0;
  const list = place(binding, pointer, { size: count * ENTRY.size, align: ENTRY.align });
  // Nothing is allocated meanwhile, so the view stays the same.
  const { view } = binding;
  const pair = (at: number): [number, number] => [view.getUint32(at, true), view.getUint32(at + U32_BYTES, true)];
  const fields = new Fields(held);
  for (let at = list; at < list + count * ENTRY.size; at += ENTRY.size) {
    const name = binding.readString(...pair(at));
    const change = fields.appendText(name, readLatin1(binding, ...pair(at + ENTRY.value)));
    if (change.tag === 'err') {
      return change;
    }
  }
  return fields;
}

function storeEntries(binding: CoreBinding, result: number, fields: Fields): void {
  const entries = fields.toHeaderList();
  const at = place(binding, result, PAIR);
  const list = allocate(binding, entries.length * ENTRY.size, ENTRY.align);
  let entry = list;
  for (const [name, value] of entries) {
    binding.writeString(name, entry);
    storeLatin1(binding, value, entry + ENTRY.value);
    entry += ENTRY.size;
  }
  const { view } = binding;
  view.setUint32(at, list, true);
  view.setUint32(at + U32_BYTES, entries.length, true);
}

export const fieldsCore = {
  entries: (_guest, binding) =>
    function fieldsEntries(handle: number, result: number): void {
      storeEntries(binding, result, binding.resource(handle, Fields));
    },

  append: (_guest, binding) =>
    function fieldsAppend(handle: number, name: number, nameSize: number, value: number, size: number, result: number) {
      const fields = binding.resource(handle, Fields);
      const key = binding.readString(name, nameSize);
      storeChange(binding, result, fields.appendText(key, readLatin1(binding, value, size)));
    },

  fromList: (guest, binding) => {
    const held = heldBy(guest);
    return function fieldsFromList(pointer: number, length: number, result: number): void {
      storeMade(binding, result, loadFields(binding, held, pointer, length));
    };
  },
} satisfies Record<string, CoreFunction>;

export const incomingRequestCore = {
  method: (_guest, binding) =>
    function incomingRequestMethod(handle: number, result: number): void {
      const method = binding.resource(handle, IncomingRequest).method();
      const at = place(binding, result, TEXT);
      binding.bytes[at] = METHODS.indexOf(method.tag);
      if (method.tag === 'other') {
        binding.writeString(method.val, at + TEXT.payload);
      }
    },

  pathWithQuery: (_guest, binding) =>
    function incomingRequestPathWithQuery(handle: number, result: number): void {
      storeOptionalText(binding, result, binding.resource(handle, IncomingRequest).pathWithQuery());
    },

  authority: (_guest, binding) =>
    function incomingRequestAuthority(handle: number, result: number): void {
      storeOptionalText(binding, result, binding.resource(handle, IncomingRequest).authority());
    },
} satisfies Record<string, CoreFunction>;
