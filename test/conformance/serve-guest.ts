// Serves one guest of test/guests on all routes, with a manifest made for it and a folder that goes away with it.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadOptions } from '@spindle/loader';
import type { RunOptions } from '@spindle/runtime';
import { fixturePath } from '../guests/fixtures.ts';
import { serveManifest, type Served } from './serve-manifest.ts';

export interface GuestOptions {
  /** Lines of TOML inside `[component.<guest>]`. */
  readonly component?: string;
  /** TOML before the first table of the trigger, e.g. `[variables]`. */
  readonly application?: string;
  /** Files of the app's folder by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly run?: Partial<RunOptions>;
  readonly load?: Partial<LoadOptions>;
}

export interface ServedGuest extends Served {
  /** The folder of spin.toml. */
  readonly folder: string;
}

/** The manifest of an app that is one guest; the component has the guest's name. */
export const manifestOf = (guest: string, source: string, { component = '', application = '' }: GuestOptions): string =>
  `spin_manifest_version = 2
[application]
name = "one-guest"
${application}
[[trigger.http]]
route = "/..."
component = "${guest}"
[component.${guest}]
source = ${JSON.stringify(source)}
${component}
`;

export async function serveGuest(guest: string, options: GuestOptions = {}): Promise<ServedGuest> {
  const folder = await mkdtemp(join(tmpdir(), 'spindle-guest-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    for (const [path, content] of Object.entries(options.files ?? {})) {
      await mkdir(join(folder, path, '..'), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    await writeFile(join(folder, 'spin.toml'), manifestOf(guest, await fixturePath(guest), options));
    const served = await serveManifest(join(folder, 'spin.toml'), options.run, options.load);
    return {
      ...served,
      folder,
      stop: async () => {
        await served.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
