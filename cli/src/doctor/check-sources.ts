// Whether the components are there that the manifest names as files.
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { AppManifest } from '@spindle/api';
import type { Diagnosis, Patient } from './diagnosis.ts';

/** `build` builds one component. */
export async function checkSources(
  { components }: AppManifest,
  { file }: Pick<Patient, 'file'>,
  build: (component: string) => Promise<void>,
): Promise<Diagnosis[]> {
  const found: Diagnosis[] = [];
  for (const component of components.values()) {
    const { id, source } = component;
    const isMissing =
      source.kind === 'local' &&
      (await stat(resolve(file, '..', source.path)).then(
        () => false,
        () => true,
      ));
    if (isMissing) {
      found.push({
        description: `Component ${JSON.stringify(id)} source ${JSON.stringify(source.path)} is missing`,
        critical: true,
        ...(component.build === undefined
          ? { advice: 'It has no build command: put the file there, or correct `source`.' }
          : { treatment: { summary: `run \`spindle build --component-id ${id}\``, apply: () => build(id) } }),
      });
    }
  }
  return found;
}
