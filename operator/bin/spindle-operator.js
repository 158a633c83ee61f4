#!/usr/bin/env node
// Starts the operator on Node 26, whatever `node` a shell finds: see cli/bin/spindle.js, which does the same for the command
// line. Plain JavaScript that any Node from 18 on can read.
'use strict';
const WANTED_MAJOR = 26;

/** Garbage is collected sooner: a third less memory under a burst of apps, for a little more time. */
const NODE_FLAGS = ['--max-semi-space-size=2'];

/** The C library otherwise keeps memory for each of Node's threads apart, and gives little of it back: 10 to 30 MB. */
const NODE_ENVIRONMENT = { MALLOC_ARENA_MAX: '1' };

/** How often to look whether npx is still there. */
const PARENT_CHECK_MS = 500;

if (process.env.npm_command === 'exec') {
  stopWithParent();
}
if (Number(process.versions.node.split('.')[0]) >= WANTED_MAJOR) {
  start();
} else {
  runOn(pinnedNode());
}

/** With the flags that only a process's beginning can give; the process stays the same. */
function start() {
  const missing = NODE_FLAGS.filter((flag) => !process.execArgv.includes(flag));
  if (missing.length > 0) {
    process.execve(process.execPath, [process.execPath, ...missing, ...process.execArgv, ...process.argv.slice(1)], {
      ...NODE_ENVIRONMENT,
      ...process.env,
    });
  }
  // Keeps what stripping types and compiling gave, so that the next start need not do it again.
  require('node:module').enableCompileCache();
  const { isFresh } = require('./bundle.js');
  const load = isFresh() ? () => require('../dist/main.cjs') : () => import('../src/main.ts');
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
