// Serves a component with dependencies, from a manifest of its own.
import { fixturePath } from '../guests/fixtures.ts';
import { serveComponents, type GuestOptions, type ServedGuest } from '../conformance/serve-guest.ts';

/** What rcaller may do, and has to give away. */
export const GRANTS = `files = ["note.txt"]
environment = { ROOT = "of the component" }
key_value_stores = ["default"]
allowed_outbound_hosts = ["http://127.0.0.1:*"]
variables = { word = "hello" }`;

/** rcaller on all routes; `dependencies` are lines of its `[component.rcaller.dependencies]`. */
export async function serveDependent(
  dependencies: string,
  options: GuestOptions & { readonly inheritAll?: boolean } = {},
): Promise<ServedGuest> {
  const inherit =
    options.inheritAll === undefined ? '' : `dependencies_inherit_configuration = ${options.inheritAll}\n`;
  return serveComponents([{ id: 'rcaller', route: '/...', source: await fixturePath('rcaller') }], {
    files: { 'note.txt': 'from a file' },
    ...options,
    component: `${GRANTS}\n${inherit}[component.rcaller.dependencies]\n${dependencies}`,
  });
}

/** `"<name>" = { path = … }`, with further fields of the table. */
export const dependsOn = async (name: string, guest: string, fields = ''): Promise<string> =>
  `${JSON.stringify(name)} = { path = ${JSON.stringify(await fixturePath(guest))}${fields} }`;
