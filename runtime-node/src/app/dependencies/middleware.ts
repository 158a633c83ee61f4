// Components that a trigger puts round its own (HTTP middleware) speak wasi:http/handler@0.3.0, which Spindle does not
// run yet: an app that asks for some is refused by name, whether it comes from a manifest or from a registry, since to
// serve it without would leave out what may be its access control.
import { UserError, type LockedComponent, type LockedTrigger } from '@spindle/api';

/** Both may say so: a component whose trigger has some, and a trigger without a component, as for a static response. */
export function refuseMiddleware(triggers: readonly LockedTrigger[], components: readonly LockedComponent[]): void {
  for (const trigger of triggers) {
    refuse('trigger', trigger);
  }
  for (const component of components) {
    refuse('component', component);
  }
}

function refuse(
  kind: 'trigger' | 'component',
  { id, trigger_dependencies: dependencies = {} }: LockedTrigger | LockedComponent,
): void {
  const roles = Object.keys(dependencies).filter((role) => dependencies[role]?.length !== 0);
  if (roles.length > 0) {
    throw new UserError(
      `${kind} '${id}' runs inside other components (${roles.join(', ')}), which needs wasi:http/handler@0.3.0, ` +
        'and Spindle does not run WASI 0.3 yet',
      {
        code: 'SPK4014',
        field: `${kind}.${id}.trigger_dependencies`,
        remedy: 'Do in the component what the middleware does, or remove `dependencies.middleware` from its trigger.',
      },
    );
  }
}
