import { expect, it } from 'vitest';
import { wat } from '../decode/testing/wat.ts';
import { describeExterns } from './index.ts';

it('types that a component makes of its own resource do not hide what it imports and exports', async () => {
  const bytes = await wat(`(component
    (import "a:b/c" (instance $c (export "f" (func))))
    (core module $m (func (export "make") (result i32) (i32.const 0)))
    (core instance $i (instantiate $m))
    (type $tally (resource (rep i32)))
    (type $list (list (own $tally)))
    (type $make (func (result (own $tally))))
    (func $f (type $make) (canon lift (core func $i "make")))
    (export $named "tally" (type $tally))
    (export "make" (func $f) (func (result (own $named)))))`);
  expect(describeExterns(bytes)).toEqual({
    imports: [{ name: 'a:b/c', kind: 'instance' }],
    exports: [
      { name: 'tally', kind: 'type' },
      { name: 'make', kind: 'func' },
    ],
  });
});
