import { array, assert, constantFrom, option, property, type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CoreType, CoreValue } from '../abi/core-types.ts';
import type { ThunkSignature } from './thunk-module.ts';
import { ThunkModule } from './thunks.ts';

const coreTypes = constantFrom<CoreType[]>('i32', 'i64', 'f32', 'f64');
const signatures: Arbitrary<ThunkSignature> = array(coreTypes, { maxLength: 17 }).chain((params) =>
  option(coreTypes).map((result) => ({ params, result })),
);

/** A different value for each position, exact in every type. */
const valueOf = (type: CoreType, i: number): CoreValue => (type === 'i64' ? BigInt(i + 1) : i + 1);

const thunk = (
  signature: ThunkSignature,
  call: (...flat: CoreValue[]) => unknown,
): ((...flat: CoreValue[]) => unknown) =>
  new ThunkModule(new Map([[0, signature]])).instantiate(() => call)[0] as (...flat: CoreValue[]) => unknown;

describe('a thunk of any signature', () => {
  it('passes all parameters on and gives a plain answer back without any suspension', () => {
    assert(
      property(signatures, ({ params, result }) => {
        const args = params.map(valueOf);
        const answer = result === null ? undefined : valueOf(result, 41);
        const calls: CoreValue[][] = [];
        const call = thunk({ params, result }, (...flat) => {
          calls.push(flat);
          return answer;
        });
        // Called without `promising`: any suspension would throw.
        expect(call(...args)).toBe(answer);
        expect(calls).toEqual([args]);
      }),
    );
  });

  it.each<CoreType | null>([null, 'i32', 'i64', 'f32', 'f64'])(
    'waits for a promise and then gives its value (%s)',
    async (result) => {
      const answer = result === null ? undefined : valueOf(result, 41);
      const call = thunk({ params: ['i32'], result }, (n) => (n === 0 ? Promise.resolve(answer) : answer));
      const promising = WebAssembly.promising(call);
      await expect(promising(0)).resolves.toBe(answer);
      await expect(promising(1)).resolves.toBe(answer);
      await expect(promising(0)).resolves.toBe(answer);
    },
  );

  it('throws what the promise rejects with', async () => {
    const failure = new Error('no answer');
    const call = thunk({ params: [], result: 'i32' }, () => Promise.reject(failure));
    await expect(WebAssembly.promising(call)()).rejects.toBe(failure);
  });

  it('is made for each of the given names, whatever their order and size', () => {
    const names = [300, 7, 70_000];
    const module = new ThunkModule(new Map(names.map((name) => [name, { params: [], result: 'i32' }])));
    const thunks = module.instantiate((trampoline) => () => trampoline);
    expect(names.map((name) => (thunks[name] as () => number)())).toEqual(names);
  });
});
