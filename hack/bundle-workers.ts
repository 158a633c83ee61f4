// Bundles the entries of worker threads too: whatever a source names by `new URL('./<file>.ts', import.meta.url)`. Each
// gets a first file of its own that turns on the compile cache, which a thread does not inherit, and loads the rest.
import { basename, dirname, join } from 'node:path';
import type { Plugin } from 'rolldown';

const WORKER_URL = /new URL\('(\.{1,2}\/[\w./-]+)\.ts', import\.meta\.url\)/g;

export function bundleWorkers(): Plugin {
  return {
    name: 'bundle-workers',
    transform: {
      filter: { id: /\.ts$/, code: WORKER_URL },
      handler(code, id) {
        return code.replaceAll(WORKER_URL, (_, path: string) => {
          const name = basename(path);
          const rest = `${name}-rest.cjs`;
          this.emitFile({ type: 'chunk', id: join(dirname(id), `${path}.ts`), fileName: rest });
          this.emitFile({ type: 'asset', fileName: `${name}.cjs`, source: firstFile(rest) });
          return `new URL('./${name}.cjs', import.meta.url)`;
        });
      },
    },
  };
}

const firstFile = (rest: string): string => `require('node:module').enableCompileCache();\nrequire('./${rest}');\n`;
