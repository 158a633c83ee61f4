import { describe, expect, it } from 'vitest';
import { linkComponent, prepareComponent, type HostInterface } from '../../component/index.ts';
import { wat } from '../../component/decode/testing/wat.ts';
import type { Guest } from '../../host/guest.ts';
import { RecordingResponse } from '../../host/http/testing/recording-response.ts';
import { fakeGuest } from '../../host/testing/fake-guest.ts';
import { TriggerCall } from '../trigger-call.ts';
import { callHandler } from './call.ts';

/** `wait` keeps such a guest from being called plainly. */
const BROKEN_FROM_THE_START = `(component
  (import "test:host/x" (instance $x (export "wait" (func))))
  (core func $wait (canon lower (func $x "wait")))
  (core module $m (import "host" "wait" (func)) (func $begin unreachable) (start $begin))
  (core instance (instantiate $m (with "host" (instance (export "wait" (func $wait)))))))`;

const host: HostInterface<Guest> = { resources: {}, functions: { wait: { call: () => {}, waits: true } } };

describe('a call of a component', () => {
  it.each([true, false])('takes no request when no instance can be made (repeatable: %s)', async (repeatable) => {
    const prepared = await prepareComponent(await wat(BROKEN_FROM_THE_START));
    const linked = linkComponent(prepared, new Map([['test:host/x', host]]));
    let made = 0;
    const request = {
      origin: {
        route: { raw: '/...', pathInfo: '/', captures: [] },
        facts: { scheme: 'http', host: undefined, pathWithQuery: '/', clientAddress: '' },
        headers: [],
      } as const,
      method: 'GET',
      repeatable,
      make: () => {
        made += 1;
        throw new Error('nobody is there to take it');
      },
    };
    const target = { component: { context: fakeGuest().component, linked }, handler: 'none', onTrial: true };
    const out = Object.assign(new RecordingResponse(), { respondWhole: () => {} });
    const called = async (): Promise<void> => callHandler(target, request, out, new TriggerCall());
    await expect(called()).rejects.toThrow('unreachable');
    expect(made).toBe(0);
  });
});
