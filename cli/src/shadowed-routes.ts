// Routes of a manifest that a later trigger takes everything from: a mistake that Spin tells of only when the app starts.
import { createRoutingTable, type AppManifest } from '@spindle/api';

/** A line for each. */
export function shadowedRoutes({ triggers }: AppManifest): string[] {
  const entries = triggers.flatMap(({ id, type, component, config: { route } }) =>
    type === 'http' && typeof route === 'string' ? [{ raw: route, owner: component ?? id, target: id }] : [],
  );
  return createRoutingTable(entries).duplicates.map(
    (one) => `${one.replacedOwner} is never reached: its route ${one.route} is that of ${one.effectiveOwner} too`,
  );
}
