// Settings of the kernel that programs of a node change and no namespace keeps to itself.
import { readFileSync } from 'node:fs';

const NAMES = ['vm/overcommit_memory', 'vm/panic_on_oom', 'kernel/panic', 'kernel/panic_on_oops'];

export const kernelSettings = (): Record<string, string> =>
  Object.fromEntries(NAMES.map((name) => [name, readFileSync(`/proc/sys/${name}`, 'utf8').trim()]));
