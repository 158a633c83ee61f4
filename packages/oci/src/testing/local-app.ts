// An app on disk as the loader leaves it, ready to be pushed.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LockedApp } from '@spindle/api';
import { wasm } from './image.ts';
import { tempDir } from './temp-dir.ts';

export interface LocalAppOptions {
  readonly component?: Buffer;
  readonly files?: Readonly<Record<string, Buffer>>;
  readonly dependency?: Buffer;
  /** Default: one that goes when the test ends. */
  readonly directory?: string;
}

const url = (path: string): string => pathToFileURL(path).href;

export async function localApp({
  component = wasm('hello'.repeat(100)),
  files = {},
  dependency,
  directory,
}: LocalAppOptions = {}): Promise<LockedApp> {
  const root = directory ?? (await tempDir());
  const contents = {
    'hello.wasm': component,
    ...(dependency === undefined ? {} : { 'dependency.wasm': dependency }),
    ...Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`assets/${name}`, bytes])),
  };
  for (const [name, bytes] of Object.entries(contents)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), bytes);
  }
  return {
    spin_lock_version: 0,
    metadata: {
      name: 'app',
      version: '1.2.3',
      origin: url(join(root, 'spin.toml')),
      trigger: { type: 'http' },
      triggers: {},
    },
    triggers: [
      { id: 'hello-http-trigger', trigger_type: 'http', trigger_config: { component: 'hello', route: '/...' } },
    ],
    components: [
      {
        id: 'hello',
        source: { content_type: 'application/wasm', source: url(join(root, 'hello.wasm')) },
        ...(Object.keys(files).length === 0 ? {} : { files: [{ source: url(join(root, 'assets')), path: '/' }] }),
        ...(dependency === undefined
          ? {}
          : {
              dependencies: {
                'a:b': {
                  source: { content_type: 'application/wasm', source: url(join(root, 'dependency.wasm')) },
                  export: null,
                },
              },
            }),
      },
    ],
  };
}
