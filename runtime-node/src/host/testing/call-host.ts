// Calls a host function as the linker does: by interface and WIT name, with typed values.
import type { HostInterface } from '../../component/index.ts';
import type { Guest } from '../guest.ts';

export type CallHost = <T = unknown>(name: string, ...args: unknown[]) => T;

export function callHost(hostInterface: HostInterface<Guest> | undefined, guest: Guest): CallHost {
  return <T>(name: string, ...args: unknown[]): T => {
    const found = hostInterface?.functions[name];
    if (found === undefined) {
      throw new Error(`no function ${name}`);
    }
    return (found.call as (guest: Guest, ...args: unknown[]) => T)(guest, ...args);
  };
}
