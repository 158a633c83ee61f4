import { describe, expect, it } from 'vitest';
import { planOf } from '../testing/wat.ts';

const LIBC = '(core module $libc (memory (export "memory") 1) (global (export "g") i32 (i32.const 0)))';

describe('core instances', () => {
  it('take memories, tables and globals of others, also under other names', async () => {
    const plan = await planOf(`(component
      ${LIBC}
      (core module $table (table (export "t") 1 funcref) (func (export "f")))
      (core module $main
        (import "env" "mem" (memory 1))
        (import "env" "base" (global i32))
        (import "table" "t" (table 1 funcref))
        (import "env" "f" (func)))
      (core instance $libc (instantiate $libc))
      (core instance $table (instantiate $table))
      (core instance $main (instantiate $main
        (with "table" (instance $table))
        (with "env" (instance
          (export "mem" (memory $libc "memory"))
          (export "base" (global $libc "g"))
          (export "f" (func $table "f")))))))`);
    expect(plan.modules).toHaveLength(3);
    expect(plan.steps[2]).toEqual({
      module: 2,
      imports: {
        env: {
          mem: { from: 'instance', instance: 0, name: 'memory' },
          base: { from: 'instance', instance: 0, name: 'g' },
          f: { from: 'instance', instance: 1, name: 'f' },
        },
        table: { t: { from: 'instance', instance: 1, name: 't' } },
      },
    });
  });

  it('lead to the real instance through any number of renamings', async () => {
    const plan = await planOf(`(component
      ${LIBC}
      (core instance $libc (instantiate $libc))
      (core instance $a (export "x" (memory $libc "memory")))
      (core instance $b (export "y" (memory $a "x")))
      (core module $m (import "b" "y" (memory 1)))
      (core instance (instantiate $m (with "b" (instance $b)))))`);
    expect(plan.steps).toHaveLength(2);
    expect(plan.steps[1]?.imports).toEqual({ b: { y: { from: 'instance', instance: 0, name: 'memory' } } });
  });

  it('are given only what their module imports', async () => {
    const plan = await planOf(`(component
      ${LIBC}
      (core instance $libc (instantiate $libc))
      (core module $m (import "libc" "g" (global i32)))
      (core instance (instantiate $m (with "libc" (instance $libc)) (with "spare" (instance $libc)))))`);
    expect(plan.steps[1]?.imports).toEqual({ libc: { g: { from: 'instance', instance: 0, name: 'g' } } });
  });

  it('name the memory, realloc and encoding of a canonical definition', async () => {
    const plan = await planOf(`(component
      (import "say" (func $say (param "s" string) (result string)))
      (core module $m
        (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
        (func (export "post") (param i32))
        (func (export "f") (param i32 i32) (result i32) unreachable))
      (core instance $i (instantiate $m))
      (core func (canon lower (func $say)
        string-encoding=latin1+utf16 (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
      (func (export "f") (param "s" string) (result string) (canon lift (core func $i "f")
        string-encoding=utf16 (memory (core memory $i "memory")) (realloc (core func $i "realloc")) (post-return (core func $i "post")))))`);
    const memory = { from: 'instance', instance: 0, name: 'memory' };
    const realloc = { from: 'instance', instance: 0, name: 'realloc' };
    expect(plan.trampolines).toMatchObject([
      { options: { encoding: 'latin1+utf16', memory, realloc, postReturn: null } },
    ]);
    expect(plan.lifts).toMatchObject([
      { options: { encoding: 'utf16', memory, realloc, postReturn: { from: 'instance', instance: 0, name: 'post' } } },
    ]);
  });

  it.each([
    [
      'an import that nothing is given for',
      '(core instance (instantiate $m))',
      'imports from "e" but is given nothing',
    ],
    [
      'an export that the given instance lacks',
      '(core instance (instantiate $m (with "e" (instance $libc))))',
      'core module 0 exports no func "f"',
    ],
    [
      'an export of another sort',
      '(core instance (instantiate $m (with "e" (instance (export "f" (memory $libc "memory"))))))',
      'has no func "f"',
    ],
    ['an alias of an export that is not there', '(alias core export $libc "nothing" (core func))', 'exports no func'],
    [
      'two arguments of one name',
      '(core instance (instantiate $m (with "e" (instance $libc)) (with "e" (instance $libc))))',
      'is given "e" twice',
    ],
  ])('are refused with %s', async (_, text, message) => {
    await expect(
      planOf(`(component ${LIBC} (core module $m (import "e" "f" (func)))
        (core instance $libc (instantiate $libc)) ${text})`),
    ).rejects.toThrow(message);
  });
});
