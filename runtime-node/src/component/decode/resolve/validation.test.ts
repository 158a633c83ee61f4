import { describe, expect, it } from 'vitest';
import { planOf } from '../testing/wat.ts';

const CORE = `
  (core module $m
    (memory (export "memory") 1)
    (func (export "f"))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $i (instantiate $m))
  (alias core export $i "f" (core func $f))`;
const SEVENTEEN = Array.from({ length: 17 }, (_, index) => `(param "p${index}" u8)`).join(' ');
const EQUAL = '(component $c (import "t" (type $r (sub resource))) (import "u" (type (eq $r))))';

describe('a component that breaks a rule of instantiation', () => {
  it.each([
    [
      'an argument is missing',
      '(component $c (import "f" (func))) (instance (instantiate $c))',
      'the argument "f" should be a function but is missing',
    ],
    [
      'an argument is of another sort',
      '(component $c (import "f" (func))) (instance $i) (instance (instantiate $c (with "f" (instance $i))))',
      'the argument "f" should be a function but is an instance',
    ],
    [
      'a function is of another type',
      '(import "g" (func $g (param "a" u8))) (component $c (import "f" (func))) (instance (instantiate $c (with "f" (func $g))))',
      'the argument "f" is a function of another type',
    ],
    [
      'an instance lacks an export',
      '(component $c (import "i" (instance (export "f" (func))))) (instance $i) (instance (instantiate $c (with "i" (instance $i))))',
      '"f" of the argument "i" should be a function but is missing',
    ],
    [
      'a type is not the resource that it should be equal to',
      `(import "a" (type $a (sub resource))) (import "b" (type $b (sub resource))) ${EQUAL}
       (instance (instantiate $c (with "t" (type $a)) (with "u" (type $b))))`,
      'the argument "u" is another type',
    ],
    [
      'a resource is due and a value type given',
      `(type $v u8) ${EQUAL} (instance (instantiate $c (with "t" (type $v)) (with "u" (type $v))))`,
      'the argument "t" should be a resource type',
    ],
    [
      'an argument is given twice',
      '(import "f" (func $f)) (component $c) (instance (instantiate $c (with "f" (func $f)) (with "f" (func $f))))',
      '"f" is given twice',
    ],
    ['two imports have one name', '(import "f" (func)) (import "f" (func))', 'two imports "f"'],
    [
      'two exports have one name',
      '(import "f" (func $f)) (export "f" (func $f)) (export "f" (func $f))',
      'two exports "f"',
    ],
    [
      'an export is not of the type written at it',
      '(import "f" (func $f)) (export "f" (func $f) (func (param "x" u8)))',
      'the export "f" is a function of another type',
    ],
    [
      'an instance exports nothing of that name',
      '(import "i" (instance $i)) (alias export $i "f" (func))',
      'instance 0 exports no function "f"',
    ],
    ['an instance is made of a component that is not there', '(instance (instantiate 0))', 'there is no component 0'],
    [
      'a component instantiates itself',
      '(component $c (alias outer 1 0 (component $self)) (instance (instantiate $self))) (instance (instantiate $c))',
      'there is no outer component 0',
    ],
    [
      'a resource of another is made',
      '(import "r" (type $r (sub resource))) (core func (canon resource.new $r))',
      '`resource.new` of a resource that is defined elsewhere',
    ],
    [
      'a string is lifted without memory',
      `${CORE} (func (result string) (canon lift (core func $f)))`,
      'without the option memory',
    ],
    [
      'a string is taken without realloc',
      `${CORE} (func (param "s" string) (canon lift (core func $f) (memory (core memory $i "memory"))))`,
      'without the option realloc',
    ],
    [
      'many parameters are lifted without realloc',
      `${CORE} (func ${SEVENTEEN} (canon lift (core func $f) (memory (core memory $i "memory"))))`,
      'without the option realloc',
    ],
    [
      'a string is lowered without memory',
      '(import "f" (func $f (param "s" string))) (core func (canon lower (func $f)))',
      'without the option memory',
    ],
    [
      'two values come back without memory',
      '(import "f" (func $f (result (tuple u8 u8)))) (core func (canon lower (func $f)))',
      'without the option memory',
    ],
    [
      'realloc has no memory',
      `${CORE} (func (canon lift (core func $f) (realloc (core func $i "realloc"))))`,
      'realloc without memory',
    ],
    [
      'an option is given twice',
      `${CORE} (func (canon lift (core func $f) (memory (core memory $i "memory")) (memory (core memory $i "memory"))))`,
      'option `memory` is given twice',
    ],
    [
      'a lower has a post-return',
      `${CORE} (import "g" (func $g)) (core func (canon lower (func $g) (post-return $f)))`,
      'post-return in a `lower`',
    ],
  ])('is refused: %s', async (_, text, message) => {
    await expect(planOf(`(component ${text})`)).rejects.toThrow(message);
  });

  it('is not one when values of no more than 16 core parameters need no memory', async () => {
    const sixteen = SEVENTEEN.replace('(param "p16" u8)', '');
    await expect(
      planOf(`(component (import "f" (func $f ${sixteen} (result u64))) (core func (canon lower (func $f))))`),
    ).resolves.toMatchObject({ trampolines: [{ kind: 'lower' }] });
  });
});
