// Starts a program of this repository on Node 26: npm puts the pinned one first in PATH for its scripts and for npx, but a
// bin may also be started by whatever `node` a shell finds. Plain JavaScript that any Node from 18 on can read, and CommonJS,
// which starts sooner. The operator's bin has it by a link.
'use strict';
const { join } = require('node:path');
const { isFresh } = require('./bundle.js');

const WANTED_MAJOR = 26;

/** How often to look whether npx is still there. */
const PARENT_CHECK_MS = 500;

/**
 * `folder` has the sources, and perhaps their bundle. `flags` and `environment` are for Node, where only the beginning of a
 * process can give them; a user's own environment goes before.
 */
function launch({ folder, flags = [], environment = {} }) {
  if (process.env.npm_command === 'exec') {
    stopWithParent();
  }
  if (Number(process.versions.node.split('.')[0]) < WANTED_MAJOR) {
    runOn(pinnedNode());
    return;
  }
  const missing = flags.filter((flag) => !process.execArgv.includes(flag));
  if (missing.length > 0) {
    // The process stays the same, and so does whoever waits for it.
    const args = [process.execPath, ...missing, ...process.execArgv, ...process.argv.slice(1)];
    process.execve(process.execPath, args, { ...environment, ...process.env });
  }
  start(folder);
}

/** The bundle, unless there is none of the sources as they are now. */
function start(folder) {
  // Keeps what stripping types and compiling gave, so that the next start need not do it again.
  require('node:module').enableCompileCache();
  const load = isFresh(folder)
    ? () => require(join(folder, 'dist/main.cjs'))
    : () => import(join(folder, 'src/main.ts'));
  load();
}

/** npx runs this below a shell and passes no signal on; when that shell has gone, so has whoever asked for this. */
function stopWithParent() {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) {
      // Once: a second signal would end what is to finish in peace.
      clearInterval(timer);
      process.kill(process.pid, 'SIGTERM');
    }
  }, PARENT_CHECK_MS).unref();
}

/** Runs the same command on another Node, and ends as it ends. */
function runOn(node) {
  const child = require('node:child_process').spawn(node, process.argv.slice(1), { stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', (error) => {
    console.error(`Error: cannot start Node ${WANTED_MAJOR}: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
    process.exitCode = code ?? 1;
  });
}

/** The Node that the npm package for this machine brings. */
function pinnedNode() {
  const name = `node-linux-${process.arch}`;
  try {
    return require.resolve(`${name}/bin/node`);
  } catch {
    console.error(
      `Error: Spindle needs Node ${WANTED_MAJOR}, and this is ${process.version}.\n` +
        `Install it, or run "npm ci" again without --omit=optional so that the package ${name} brings it.`,
    );
    process.exit(1);
  }
}

module.exports = { launch };
