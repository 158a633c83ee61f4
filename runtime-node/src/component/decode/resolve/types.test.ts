import { describe, expect, it } from 'vitest';
import { planOf } from '../testing/wat.ts';

describe('types', () => {
  it('come out as they are written, primitives by name', async () => {
    const plan = await planOf(`(component
      (type $rec (record (field "a" bool) (field "b" s8)))
      (type $var (variant (case "x" u8) (case "y")))
      (type $flg (flags "read" "write"))
      (type $enm (enum "p" "q"))
      (import "r" (type $r (sub resource)))
      (import "f" (func $f
        (param "a" $rec) (param "b" $var) (param "c" $flg) (param "d" $enm)
        (param "e" (list char)) (param "f" (tuple s16 u16 f32 f64))
        (param "g" (option (option s64))) (param "h" (result (list u8) (error string)))
        (param "i" (result)) (param "j" (own $r)) (param "k" (borrow $r))
        (result (result u64))))
      (export "f" (func $f)))`);
    const [func] = plan.funcTypes;
    const typeOf = (name: string): unknown => plan.types[Number(func?.params.find((p) => p.name === name)?.type)];
    expect(typeOf('a')).toEqual({
      kind: 'record',
      fields: [
        { name: 'a', type: 'bool' },
        { name: 'b', type: 's8' },
      ],
    });
    expect(typeOf('b')).toEqual({
      kind: 'variant',
      cases: [
        { name: 'x', type: 'u8' },
        { name: 'y', type: null },
      ],
    });
    expect(typeOf('c')).toEqual({ kind: 'flags', names: ['read', 'write'] });
    expect(typeOf('d')).toEqual({ kind: 'enum', names: ['p', 'q'] });
    expect(typeOf('e')).toEqual({ kind: 'list', element: 'char' });
    expect(typeOf('f')).toEqual({ kind: 'tuple', elements: ['s16', 'u16', 'f32', 'f64'] });
    expect(typeOf('g')).toMatchObject({ kind: 'option', some: expect.any(Number) });
    expect(typeOf('h')).toMatchObject({ kind: 'result', ok: expect.any(Number), err: 'string' });
    expect(typeOf('i')).toEqual({ kind: 'result', ok: null, err: null });
    expect(typeOf('j')).toEqual({ kind: 'own', resource: 0 });
    expect(typeOf('k')).toEqual({ kind: 'borrow', resource: 0 });
    expect(plan.types[Number(func?.result)]).toEqual({ kind: 'result', ok: 'u64', err: null });
  });

  it('are listed once, however often and wherever they are written', async () => {
    const plan = await planOf(`(component
      (type $a (list u8))
      (type $b (list u8))
      (import "i" (instance $i (type $c (list u8)) (export "f" (func (param "x" $c)))))
      (import "g" (func $g (param "x" $b)))
      (type $alias u8)
      (type $d (list $alias))
      (import "h" (func $h (param "x" $d)))
      (export "f" (func $i "f"))
      (export "g" (func $g))
      (export "h" (func $h)))`);
    expect(plan.types).toEqual([{ kind: 'list', element: 'u8' }]);
    expect(plan.funcTypes).toHaveLength(1);
  });

  it.each([
    ['an error context', '(type error-context)', 'the type `error-context`'],
    ['an error context within a type', '(type (list error-context))', 'the type `error-context`'],
    ['a list of fixed length', '(type (list u8 4))', 'a list of fixed length'],
    ['a map', '(type (map string u8))', 'the type `map`'],
    ['a value', '(import "v" (value string))', 'a component-level value'],
    [
      'an async lift without callback',
      '(core module $m (func (export "f"))) (core instance $i (instantiate $m)) (func async (canon lift (core func $i "f") async))',
      'an `async` lift without callback',
    ],
    ['a thread built-in', '(core func (canon thread.index))', 'a thread built-in'],
    ['an error-context built-in', '(core func (canon error-context.drop))', 'an error-context built-in'],
  ])('of later proposals are refused by name: %s', async (_, text, feature) => {
    const error: unknown = await planOf(`(component ${text})`).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(new RegExp(`^${feature}.* is not supported yet$`)),
      remedy: expect.stringMatching(/^Build the component with/),
      place: { field: expect.stringMatching(/^byte \d+$/) },
    });
  });

  it.each([
    ['a tuple of nothing', '(type (tuple))', 'a tuple without elements'],
    ['a record of nothing', '(type (record))', 'record type without members'],
    ['a field twice', '(type (record (field "a" u8) (field "a" u8)))', 'record type with two members "a"'],
    ['a field twice in other letters', '(type (record (field "a-b" u8) (field "A-b" u8)))', 'two members "A-b"'],
    [
      'a field that objects have anyway',
      '(type (record (field "__proto__" u8)))',
      'a member "__proto__", which is no label',
    ],
    ['a flag with a blank', '(type (flags "a b"))', 'a member "a b", which is no label'],
    ['a case without a name', '(type (enum ""))', 'a member "", which is no label'],
    ['a flag twice', '(type (flags "a" "a"))', 'flags type with two members "a"'],
    [
      '33 flags',
      `(type (flags ${Array.from({ length: 33 }, (_, index) => `"f${index}"`).join(' ')}))`,
      'more than 32 flags names',
    ],
    ['a parameter twice', '(type (func (param "a" u8) (param "a" u8)))', 'two parameters of one name'],
    ['a type that is not there', '(type (list 7))', 'there is no type 7'],
    ['a function type as a value', '(type (func)) (type (list 0))', 'type 0 is not a type of values'],
    ['a handle of what is no resource', '(type u8) (type (own 0))', 'type 0 is not a resource type'],
    [
      'a borrowed result',
      '(import "r" (type $r (sub resource))) (type (func (result (borrow $r))))',
      'returns a borrowed handle',
    ],
    ['an alias out of everything', '(alias outer 3 0 (type))', 'an alias reaches 3 scopes out'],
    [
      'an outer type that comes only later',
      '(component $c (alias outer 1 0 (type))) (type u8) (instance (instantiate $c))',
      'there is no outer type 0 (only 0 are defined here)',
    ],
    [
      'two exports of one name in a type',
      '(type (instance (export "a" (func)) (export "a" (func)))) (import "i" (instance (type 0)))',
      'an instance type with two exports "a"',
    ],
  ])('that break the rules are refused: %s', async (_, text, message) => {
    await expect(planOf(`(component ${text})`)).rejects.toThrow(message);
  });
});
