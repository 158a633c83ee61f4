// Apps of guests that triggers call, as files for the real command.
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { appFolder, type AppFolder } from '../../cli/src/testing/app-folder.ts';
import { fixturePath } from '../guests/fixtures.ts';

/** A folder with a manifest and, as `<id>.wasm`, the guests that it names. */
export async function triggerApp(triggers: string, components: Readonly<Record<string, string>>): Promise<AppFolder> {
  const tables = Object.keys(components).map(
    (id) => `[component.${id}]\nsource = "${id}.wasm"\nkey_value_stores = ["default"]\n`,
  );
  const folder = await appFolder({
    'spin.toml': `spin_manifest_version = 2\n[application]\nname = "tried"\n${triggers}\n${tables.join('')}`,
  });
  for (const [id, guest] of Object.entries(components)) {
    await copyFile(await fixturePath(guest), join(folder.path, `${id}.wasm`));
  }
  return folder;
}
