// A guest that gives up because it got no more memory is told from one that fails by itself.
import { describe, expect, it } from 'vitest';
import { LimitExceeded } from '../../limits/index.ts';
import { linkComponent } from './link.ts';
import { prepareComponent } from '../prepare/index.ts';
import { parse } from '@bytecodealliance/jco';

const PAGE = 65_536;

/** `run` asks for `pages` and gives up when it does not get them, or, with `own`, in any case. */
async function failureOf(pages: number, own: boolean, instanceMemory?: number): Promise<unknown> {
  const text = `(component
    (core module $m
      (memory 1 10)
      (func (export "run")
        (if (i32.or (i32.const ${own ? 1 : 0}) (i32.eq (i32.const -1) (memory.grow (i32.const ${pages}))))
          (then unreachable))))
    (core instance $i (instantiate $m))
    (func (export "run") (canon lift (core func $i "run"))))`;
  const linked = linkComponent(await prepareComponent(await parse(text)), new Map(), {
    engine: instanceMemory === undefined ? {} : { instanceMemory },
  });
  const instance = linked.instantiate(undefined, 'plain');
  try {
    instance.call('', 'run', []);
  } catch (error) {
    // expected: what this is about
    return error;
  } finally {
    instance.release();
  }
  return undefined;
}

describe('a guest that asks for more memory', () => {
  it('than it may have, and gives up, has run into the limit', async () => {
    const error = await failureOf(8, false, 4 * PAGE);
    expect(error).toBeInstanceOf(LimitExceeded);
    expect(error).toMatchObject({ limit: 'memory', value: 4 * PAGE, cause: expect.any(WebAssembly.RuntimeError) });
  });

  it('than it declares itself has run into a limit of its own', async () => {
    expect(await failureOf(20, false)).toMatchObject({ limit: 'memory', value: undefined });
  });

  it('and gets it has run into nothing, whatever it does then', async () => {
    expect(await failureOf(2, false, 4 * PAGE)).toBeUndefined();
    expect(await failureOf(2, true, 4 * PAGE)).toBeInstanceOf(WebAssembly.RuntimeError);
  });
});
