// Serves guests of test/guests with a manifest made for them, in a folder that goes away with them.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { LoadOptions } from '@spindle/loader';
import type { RunOptions } from '@spindle/runtime';
import { fixturePath } from '../guests/fixtures.ts';
import { serveManifest, type Served } from './serve-manifest.ts';

export interface GuestOptions {
  /** Lines of TOML inside each `[component.<guest>]`. */
  readonly component?: string;
  /** Tables of TOML in front of the triggers, e.g. `[variables]`. */
  readonly application?: string;
  /** Files of the app's folder by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Symlinks of the app's folder by path. */
  readonly links?: Readonly<Record<string, string>>;
  readonly run?: Partial<RunOptions>;
  readonly load?: Partial<LoadOptions>;
}

export interface ServedGuest extends Served {
  /** The folder of spin.toml. */
  readonly folder: string;
}

/** A component of the manifest: its id, its route and its source. */
export interface Routed {
  readonly id: string;
  readonly route: string;
  readonly source: string;
  /** Lines of TOML inside the trigger, e.g. `executor = { type = "wagi" }`. */
  readonly trigger?: string;
}

export const manifestOf = (components: readonly Routed[], { component = '', application = '' }: GuestOptions): string =>
  [
    `spin_manifest_version = 2\n[application]\nname = "guests"\n${application}`,
    ...components.flatMap(({ id, route, source, trigger = '' }) => [
      `[[trigger.http]]\nroute = "${route}"\ncomponent = "${id}"\n${trigger}`,
      `[component.${id}]\nsource = ${JSON.stringify(source)}\n${component}`,
    ]),
    '',
  ].join('\n');

/** One guest on all routes. */
export const serveGuest = async (guest: string, options: GuestOptions = {}): Promise<ServedGuest> =>
  serveComponents([{ id: guest, route: '/...', source: await fixturePath(guest) }], options);

/** Each guest on `/<guest>/...`. */
export const serveGuests = async (guests: readonly string[], options: GuestOptions = {}): Promise<ServedGuest> =>
  serveComponents(
    await Promise.all(guests.map(async (id) => ({ id, route: `/${id}/...`, source: await fixturePath(id) }))),
    options,
  );

export async function serveComponents(components: readonly Routed[], options: GuestOptions = {}): Promise<ServedGuest> {
  const folder = await mkdtemp(join(tmpdir(), 'spindle-guest-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    for (const [path, content] of Object.entries(options.files ?? {})) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    for (const [path, target] of Object.entries(options.links ?? {})) {
      await symlink(target, join(folder, path));
    }
    await writeFile(join(folder, 'spin.toml'), manifestOf(components, options));
    const served = await serveManifest(join(folder, 'spin.toml'), options.run, options.load);
    return {
      ...served,
      folder,
      stop: async () => {
        const ended = await served.stop();
        await remove();
        return ended;
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
