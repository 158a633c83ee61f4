// Bundles the entries of worker threads too: whatever a source names by `new URL('./<file>.ts', import.meta.url)`.
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
          const fileName = `${basename(path)}.cjs`;
          this.emitFile({ type: 'chunk', id: join(dirname(id), `${path}.ts`), fileName });
          return `new URL('./${fileName}', import.meta.url)`;
        });
      },
    },
  };
}
