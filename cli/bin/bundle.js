// Whether the bundle beside it is what the sources would do: whoever edits a source never runs a stale one.
'use strict';
const { existsSync, readFileSync, statSync } = require('node:fs');
const { join } = require('node:path');

/** The folder `cli`, in a checkout or in a published package. */
const CLI = join(__dirname, '..');

/** True also where there are no sources, as in the published package: there is nothing else to run. */
function isFresh(cli = CLI) {
  if (!existsSync(join(cli, 'dist/main.cjs'))) {
    return false;
  }
  return (
    !existsSync(join(cli, 'src/main.ts')) || readSources(cli).every((source) => isUnchanged(join(cli, '..'), source))
  );
}

/** What hack/bundle.ts made the bundle from: path from the folder above, size and time of each file. */
function readSources(cli) {
  return JSON.parse(readFileSync(join(cli, 'dist/sources.json'), 'utf8'));
}

function isUnchanged(root, [path, size, mtimeMs]) {
  // Not `join`, which would take as long as the rest of this.
  const now = statSync(`${root}/${path}`, { throwIfNoEntry: false });
  return now?.size === size && now.mtimeMs === mtimeMs;
}

module.exports = { CLI, isFresh };
