// Entry of the single-file executable (hack/executable.ts): Node with the whole command line in it. Threads and processes of it
// are started from files, so what is inside is put into the user's cache once, and run from there.
'use strict';
const { createRequire } = require('node:module');
const { basename, dirname, join, sep } = require('node:path');
const fs = require('node:fs');
const { homedir, tmpdir } = require('node:os');
const { getAsset, getAssetKeys } = require('node:sea');

/** Not a file: digest of all others. */
const DIGEST = 'digest';

const root = unpacked();
const [own, first, ...rest] = process.argv;
if (process.send && first?.startsWith(root + sep)) {
  // A process that the command line has forked: Node would run the file that is named.
  process.argv = [own, first, ...rest];
  createRequire(first)(first);
} else {
  // As Node has it: program, script, arguments. What it was called by says which commands it has.
  process.argv = [process.execPath, basename(process.argv0), ...process.argv.slice(hasOwnName() ? 2 : 1)];
  require('node:module').enableCompileCache(join(root, 'compiled'));
  createRequire(join(root, 'cli/dist/main.cjs'))('./main.cjs');
}

/** Node repeats the program's name where a script's would be. */
function hasOwnName() {
  return process.argv[1] === process.execPath || process.argv[1] === process.argv0;
}

/** The folder with what is inside: made beside its place and moved there, so that nobody ever sees half of it. */
function unpacked() {
  const place = join(cacheFolder(), `executable-${getAsset(DIGEST, 'utf8')}`);
  if (fs.existsSync(place)) {
    return place;
  }
  try {
    return unpackInto(place);
  } catch {
    // A cache that cannot be written: for this run only.
    const folder = fs.mkdtempSync(join(tmpdir(), 'spindle-'));
    process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
    return unpackInto(join(folder, 'unpacked'));
  }
}

function cacheFolder() {
  const home = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(home, 'spindle');
}

function unpackInto(place) {
  // Nobody else may put a file there.
  fs.mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
  const draft = fs.mkdtempSync(`${place}.`);
  try {
    for (const path of getAssetKeys().filter((key) => key !== DIGEST)) {
      fs.mkdirSync(dirname(join(draft, path)), { recursive: true });
      fs.writeFileSync(join(draft, path), new Uint8Array(getAsset(path)));
    }
    fs.renameSync(draft, place);
  } catch (error) {
    fs.rmSync(draft, { recursive: true, force: true });
    // Another process was first.
    if (!fs.existsSync(place)) {
      throw error;
    }
  }
  return place;
}
