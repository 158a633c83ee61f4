// Values of a row as guests get them.
import { describe, expect, it } from 'vitest';
import type { MySqlValue } from '../value.ts';
import { columnOf, UnconvertibleValue, valueOf } from './column.ts';

const column = (columnType: number, flags = 0) => columnOf({ name: 'c', columnType, flags });
const valueFrom = (type: number, flags: number, read: unknown, bytes?: readonly number[]) =>
  valueOf(column(type, flags), { read: () => read, bytes: () => (bytes === undefined ? null : Buffer.from(bytes)) });

describe('values', () => {
  it.each<[type: number, flags: number, read: unknown, bytes: number[] | undefined, value: MySqlValue]>([
    [1, 0, -1, undefined, { tag: 'int8', val: -1 }],
    [1, 0x20, 255, undefined, { tag: 'uint8', val: 255 }],
    [2, 0, -1, undefined, { tag: 'int16', val: -1 }],
    [9, 0, -1, undefined, { tag: 'int32', val: -1 }],
    [3, 0x20, 4_294_967_295, undefined, { tag: 'uint32', val: 4_294_967_295 }],
    [8, 0, '-9223372036854775808', undefined, { tag: 'int64', val: -(2n ** 63n) }],
    [253, 0, undefined, [97], { tag: 'str', val: 'a' }],
    [253, 0x80, undefined, [97], { tag: 'binary', val: new Uint8Array([97]) }],
    [252, 0, undefined, [97], { tag: 'str', val: 'a' }],
    [250, 0, undefined, [97], { tag: 'binary', val: new Uint8Array([97]) }],
    [253, 0, undefined, undefined, { tag: 'db-null' }],
    [3, 0, null, undefined, { tag: 'db-null' }],
    [10, 0, undefined, undefined, { tag: 'db-null' }],
  ])('of type %i with flags %i', (type, flags, read, bytes, value) => {
    expect(valueFrom(type, flags, read, bytes)).toEqual(value);
  });

  it.each([
    [10, [0xe8, 7, 2, 29], 'Date("\'2024-02-29\'")'],
    [12, [0xe8, 7, 2, 29, 1, 2, 3], 'Date("\'2024-02-29 01:02:03\'")'],
    [12, [0xe8, 7, 2, 29, 1, 2, 3, 5, 0, 0, 0], 'Date("\'2024-02-29 01:02:03.000005\'")'],
    [11, [1, 1, 0, 0, 0, 1, 2, 3], 'Time("\'-025:02:03\'")'],
    [11, [], 'Time("\'000:00:00\'")'],
    [246, [...Buffer.from('123456.78')], 'Bytes("123456.7..")'],
  ])('of type %i that guests have no form for are shown in the error', (type, bytes, shown) => {
    expect(() => valueFrom(type, 0, undefined, bytes)).toThrow(
      `Cannot convert value ${shown} in column c data type Other`,
    );
  });

  it('of a year too', () => {
    expect(() => valueFrom(13, 0, 2024)).toThrow(UnconvertibleValue);
    expect(() => valueFrom(13, 0, 2024)).toThrow('Int(2024)');
  });

  it.each([10, 11, 12])('of type %i and an unknown length are a protocol error', (type) => {
    expect(() => valueFrom(type, 0, undefined, [1, 2, 3])).toThrow('of an unknown length');
  });
});
