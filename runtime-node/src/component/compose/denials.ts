// Which imports of a dependency are denied to it, and what it gets in place of each.
import { denyImport, type Denied } from './deny.ts';
import { strangerIn } from './localise.ts';
import type { Import } from './types.ts';

/** By name. Those that speak of a resource of a denied one go with it: no host could give or take such a resource. */
export function denialsOf(
  imports: ReadonlyMap<string, Import>,
  deny: (importName: string) => boolean,
): ReadonlyMap<string, Denied> {
  const denied = new Map<string, Denied>();
  // Types come before those who name them, so one pass finds all.
  for (const [name, one] of imports) {
    if (one.type.kind === 'named') {
      continue;
    }
    if (deny(name) || strangerIn(one, (home) => !denied.has(home)) !== undefined) {
      denied.set(name, denyImport(one, imports));
    }
  }
  return denied;
}
