// Defers Node's own heavy modules in the bundle: each is loaded when something of it is first used, although the sources
// import it at their head. A class that extends one of theirs still loads it at once.
import { createRequire } from 'node:module';
import type { Plugin } from 'rolldown';

/** Modules that cost a start a millisecond or more each, and that serving a plain app does not use. */
const HEAVY: readonly string[] = [
  'child_process',
  'crypto',
  'dns/promises',
  'http2',
  'https',
  'readline/promises',
  'sqlite',
  'tls',
  'v8',
  'zlib',
];

const PREFIX = '\0deferred:';
const require = createRequire(import.meta.url);

export function deferHeavyBuiltins(): Plugin {
  return {
    name: 'defer-heavy-builtins',
    resolveId(source, importer, { kind }) {
      const name = source.replace(/^node:/, '');
      // A dynamic import waits for its use already.
      return HEAVY.includes(name) && kind !== 'dynamic-import' ? `${PREFIX}${name}` : undefined;
    },
    load(id) {
      return id.startsWith(PREFIX) ? deferred(`node:${id.slice(PREFIX.length)}`) : undefined;
    },
  };
}

/** A CommonJS module with the names that the bundling Node, the pinned one, knows. */
function deferred(name: string): string {
  const names = Object.keys(require(name) as object);
  return `
    for (const name of ${JSON.stringify(names)}) {
      Object.defineProperty(exports, name, {
        enumerable: true,
        get: () => process.getBuiltinModule(${JSON.stringify(name)})[name],
      });
    }`;
}
