// fermyon:spin/redis without a version (Spin 1): every function takes the address, and there is one error.
import { waiting, type HostInterface } from '../../component/index.ts';
import { attempt } from '../attempt.ts';
import type { Guest } from '../guest.ts';
import * as commands from './commands.ts';
import { failureOf, type Ask, type RedisParameter } from './commands.ts';
import type { RedisState } from './state.ts';

/** `use`d by the interface; has types only. */
export const redisTypes: HostInterface<Guest> = { repeatable: true, resources: {}, functions: {} };

function legacyFailure(error: unknown): 'error' {
  failureOf(error); // throws a defect of ours again
  return 'error';
}

export function redisV1(state: RedisState): HostInterface<Guest> {
  const command = <Args extends unknown[], T>(act: (ask: Ask, ...args: Args) => Promise<T>, clean = true) =>
    waiting((guest: Guest, address: string, ...args: Args) =>
      attempt(async () => {
        const lease = await state.open(guest, address);
        try {
          return await act(commands.askOver(lease.connection, guest.call.signal), ...args);
        } finally {
          lease.release(clean);
        }
      }, legacyFailure),
    );
  return {
    resources: {},
    functions: {
      publish: command(commands.publish),
      // A key that is not there has no bytes.
      get: command(async (ask, key: string) => (await commands.get(ask, key)) ?? new Uint8Array(0)),
      set: command(commands.set),
      incr: command(commands.incr),
      // Version 1 counts in 64 bits.
      del: command(async (ask, keys: readonly string[]) => BigInt(await commands.del(ask, keys))),
      sadd: command(async (ask, key: string, values: readonly string[]) =>
        BigInt(await commands.sadd(ask, key, values)),
      ),
      smembers: command(commands.smembers),
      srem: command(async (ask, key: string, values: readonly string[]) =>
        BigInt(await commands.srem(ask, key, values)),
      ),
      execute: command(
        (ask, name: string, parameters: readonly RedisParameter[]) => commands.execute(ask, name, parameters),
        false,
      ),
    },
  };
}
