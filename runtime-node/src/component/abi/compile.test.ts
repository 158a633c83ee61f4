import { describe, expect, it } from 'vitest';
import type { CompositeType } from '../plan.ts';
import { TypeCompiler } from './compile.ts';
import { InvalidComponent } from './invalid-component.ts';
import { camelCase } from './names.ts';
import { GuestSide } from './testing/guest-side.ts';

describe('compiling the types of a plan', () => {
  it('makes one codec for a type, however often it is used', () => {
    const types: CompositeType[] = [
      { kind: 'list', element: 'u32' },
      { kind: 'tuple', elements: [0, 0] },
    ];
    const compiler = new TypeCompiler(types, []);
    expect(compiler.codec(0)).toBe(compiler.codec(0));
  });

  it('takes no time for a type that doubles at each of ninety levels', () => {
    const types: CompositeType[] = Array.from({ length: 90 }, (_, i) => ({
      kind: 'tuple',
      elements: i === 0 ? ['u32', 'u32'] : [i - 1, i - 1],
    }));
    expect(new TypeCompiler(types, []).codec(89)).toMatchObject({ flat: null, size: 4 * 2 ** 90 });
  });

  it.each<[string, CompositeType[]]>([
    [
      'type 100 nests deeper than 100 levels',
      Array.from({ length: 200 }, (_, i) => ({ kind: 'list', element: i + 1 })),
    ],
    ['there is no type 7', [{ kind: 'option', some: 7 }]],
    ['there is no resource type 3', [{ kind: 'own', resource: 3 }]],
    [
      'a list has elements of size 0',
      [
        { kind: 'list', element: 1 },
        { kind: 'flags', names: [] },
      ],
    ],
  ])('says of an invalid component: %s', (what, types) => {
    expect(() => new TypeCompiler(types, []).codec(0)).toThrow(new InvalidComponent(what));
  });

  it('names the keys of records and flags in camel case', () => {
    const types: CompositeType[] = [
      { kind: 'flags', names: ['read-only', 'symlink-follow'] },
      { kind: 'record', fields: [{ name: 'open-flags', type: 0 }] },
    ];
    const { cx } = new GuestSide();
    expect(new TypeCompiler(types, []).codec(1).lift(cx, [2], 0)).toEqual({
      openFlags: { readOnly: false, symlinkFollow: true },
    });
  });

  it.each([
    ['status', 'status'],
    ['between-bytes-timeout', 'betweenBytesTimeout'],
    ['get-URL', 'getUrl'],
    ['DNS-error', 'dnsError'],
    ['a1-b2', 'a1B2'],
  ])('spells %s as %s', (wit, key) => {
    expect(camelCase(wit)).toBe(key);
  });
});
