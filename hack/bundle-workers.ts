// Bundles the entries of worker threads too: whatever a source names by `new URL('./<file>.ts', import.meta.url)`. Each
// gets a first file of its own that turns on the compile cache, which a thread does not inherit, and loads the rest.
import { basename, dirname, join } from 'node:path';
import type { Plugin } from 'rolldown';

const WORKER_URL = /new URL\('(\.{1,2}\/[\w./-]+)\.ts', import\.meta\.url\)/g;
const PREFIX = '\0worker:';

/** `found` takes the ids of the threads' own entries. */
export function bundleWorkers(found: Set<string>): Plugin {
  return {
    name: 'bundle-workers',
    resolveId: (id) => (id.startsWith(PREFIX) ? id : undefined),
    load(id) {
      return id.startsWith(PREFIX) ? firstFile(id.slice(PREFIX.length)) : undefined;
    },
    transform: {
      filter: { id: /\.ts$/, code: WORKER_URL },
      handler(code, id) {
        return code.replaceAll(WORKER_URL, (_, path: string) => {
          const fileName = `${basename(path)}.cjs`;
          const entry = join(dirname(id), `${path}.ts`);
          found.add(entry);
          this.emitFile({ type: 'chunk', id: `${PREFIX}${entry}`, fileName });
          return `new URL('./${fileName}', import.meta.url)`;
        });
      },
    },
  };
}

const firstFile = (path: string): string =>
  `process.getBuiltinModule('node:module').enableCompileCache();
  import(${JSON.stringify(path)});`;
