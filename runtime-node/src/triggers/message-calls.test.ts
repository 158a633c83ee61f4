// Messages for guests whose function is asynchronous: the outcome is known when all that it began has ended.
import { describe, expect, it } from 'vitest';
import { linkWat } from '../component/link/testing/wat.ts';
import type { LinkedComponent } from '../component/index.ts';
import type { Guest } from '../host/guest.ts';
import { fakeGuest } from '../host/testing/fake-guest.ts';
import { MessageCalls, type Outcome } from './message-calls.ts';
import { RunningCalls } from './running-calls.ts';

/** `handle` gives the result that is in its core value, and does `after` when it is called back. */
const handler = (result: string, after: string): string => `(component
  (core func $return (canon task.return (result (result (error u32)))))
  (core module $m
    (import "h" "return" (func $return (param i32 i32)))
    (func (export "handle") (result i32) (call $return ${result}) (i32.const 1))
    (func (export "callback") (param i32 i32 i32) (result i32) ${after}))
  (core instance $i (instantiate $m (with "h" (instance (export "return" (func $return))))))
  (func (export "handle") async (result (result (error u32)))
    (canon lift (core func $i "handle") async (callback (core func $i "callback")))))`;

async function outcomeOf(text: string): Promise<{ outcome: Outcome; errors: string[] }> {
  const errors: string[] = [];
  const calls = new RunningCalls({
    onError: (_message, error) => errors.push(error instanceof Error ? error.message : String(error)),
  });
  const linked = (await linkWat(text)) as LinkedComponent<Guest>;
  const component = { context: fakeGuest().component, linked };
  const outcome = await new MessageCalls(calls, 'redis').call({ component, interface: '', function: 'handle' }, [], {
    patient: true,
    name: 'test',
  });
  return { outcome, errors };
}

describe('a message for an asynchronous guest', () => {
  it('is handled', async () => {
    expect(await outcomeOf(handler('(i32.const 0) (i32.const 0)', '(i32.const 0)'))).toEqual({
      outcome: { tag: 'handled', val: undefined },
      errors: [],
    });
  });

  it('is not when the guest says so', async () => {
    expect(await outcomeOf(handler('(i32.const 1) (i32.const 7)', '(i32.const 0)'))).toEqual({
      outcome: { tag: 'failed' },
      errors: ['the handler returned an error: 7'],
    });
  });

  it('is not when the guest fails after its answer', async () => {
    const { outcome, errors } = await outcomeOf(handler('(i32.const 0) (i32.const 0)', 'unreachable'));
    expect(outcome).toEqual({ tag: 'failed' });
    expect(errors).toEqual(['unreachable']);
  });
});
