// `spindle templates uninstall`
import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Console } from '../console.ts';
import { templateNotInstalled } from '../errors.ts';
import { folderOf, installedTemplatesFolder } from './store.ts';

export async function uninstall(id: string, console: Console): Promise<void> {
  const store = installedTemplatesFolder(console);
  const gone = join(store, `.${randomUUID()}`);
  try {
    // Out of the way in one step: removing a folder takes many.
    await rename(join(store, folderOf(id)), gone);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? templateNotInstalled(id) : error;
  }
  await rm(gone, { recursive: true, force: true });
  console.out(`Uninstalled template ${id}`);
}
