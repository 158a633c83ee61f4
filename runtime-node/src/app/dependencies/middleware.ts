// Components that a trigger puts round its own (HTTP middleware) speak wasi:http/handler@0.3.0, which Spindle does not
// run yet: an app that asks for some is refused by name, whether it comes from a manifest or from a registry, since to
// serve it without would leave out what may be its access control.
import { UserError, type LockedComponent } from '@spindle/api';

export function refuseMiddleware({ id, trigger_dependencies: dependencies = {} }: LockedComponent): void {
  const roles = Object.keys(dependencies).filter((role) => dependencies[role]?.length !== 0);
  if (roles.length > 0) {
    throw new UserError(
      `component '${id}' runs inside other components (${roles.join(', ')}), which needs wasi:http/handler@0.3.0, ` +
        'and Spindle does not run WASI 0.3 yet',
      {
        code: 'SPK4014',
        field: `component.${id}.trigger_dependencies`,
        remedy: 'Do in the component what the middleware does, or remove `dependencies.middleware` from its trigger.',
      },
    );
  }
}
