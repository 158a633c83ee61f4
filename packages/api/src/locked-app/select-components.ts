// Part of an app: the components that were asked for and what triggers them (spin-contract.md §5.3 `--component-id`).
// What is left has to work by itself, so nothing in it may call a component that is not.
import { UserError } from '../errors.ts';
import { isForServiceChaining, parseAllowedHost, type AllowedHost } from '../outbound-hosts/allowed-host.ts';
import { SERVICE_CHAINING_SUFFIX } from '../outbound-hosts/service-chaining.ts';
import { parseTemplate, templateVariables } from '../variables/template.ts';
import type { LockedApp, LockedComponent, LockedTrigger } from './types.ts';

/** Throws UserError when there is no such component, and when one that stays may call one that goes. */
export function selectComponents(app: LockedApp, ids: readonly string[]): LockedApp {
  const selected = new Set(ids);
  const known = new Set(app.components.map(({ id }) => id));
  for (const id of selected) {
    if (!known.has(id)) {
      throw new UserError(`Specified component "${id}" not found in application`, {
        code: 'SPK1011',
        field: '--component-id',
        remedy: `Name some of: ${[...known].join(', ')}.`,
      });
    }
  }
  const components = app.components.filter(({ id }) => selected.has(id));
  for (const component of components) {
    checkChaining(component, selected);
  }
  return { ...app, components, triggers: app.triggers.filter((trigger) => isFor(trigger, selected)) };
}

const isFor = ({ trigger_config: { component } }: LockedTrigger, selected: ReadonlySet<string>): boolean =>
  typeof component === 'string' && selected.has(component);

function checkChaining({ id, metadata = {} }: LockedComponent, selected: ReadonlySet<string>): void {
  for (const entry of metadata.allowed_outbound_hosts ?? []) {
    // What a variable will make of it shows only when the app runs.
    const allowed = templateVariables(parseTemplate(entry)).length > 0 ? undefined : parseAllowedHost(entry);
    const target = allowed === undefined || !isForServiceChaining(allowed) ? undefined : chainingTarget(allowed);
    if (target !== undefined && !selected.has(target)) {
      const what = target === ANY ? 'wildcard service chaining' : 'service chaining to unselected component';
      throw new UserError(
        `Selected component '${id}' cannot use ${what}: allowed_outbound_hosts = [${JSON.stringify(entry)}]`,
        {
          code: 'SPK1012',
          field: `component.${id}.allowed_outbound_hosts`,
          remedy:
            target === ANY ? 'Name the components one by one.' : `Select "${target}" too, or leave the entry out.`,
        },
      );
    }
  }
}

/** Stands for every component; no id has it. */
const ANY = '*';

function chainingTarget({ host }: AllowedHost): string | undefined {
  if (host.kind === 'subdomains') {
    return ANY;
  }
  return host.kind === 'exact' && host.host.kind === 'domain'
    ? host.host.name.slice(0, -SERVICE_CHAINING_SUFFIX.length)
    : undefined;
}
