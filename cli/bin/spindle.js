#!/usr/bin/env node
// Starts the command line on Node 26: npm puts the pinned one first in PATH for its scripts and for npx, but the
// file may also be started by whatever `node` a shell finds. Plain JavaScript that any Node from 18 on can read.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const WANTED_MAJOR = 26;

if (Number(process.versions.node.split('.')[0]) >= WANTED_MAJOR) {
  await import('../src/main.ts');
} else {
  const { status, signal } = spawnSync(pinnedNode(), process.argv.slice(1), { stdio: 'inherit' });
  if (signal) {
    process.kill(process.pid, signal);
  }
  process.exit(status ?? 1);
}

/** The Node that the npm package for this machine brings. */
function pinnedNode() {
  const name = `node-linux-${process.arch}`;
  try {
    return createRequire(import.meta.url).resolve(`${name}/bin/node`);
  } catch {
    console.error(
      `Error: Spindle needs Node ${WANTED_MAJOR}, and this is ${process.version}.\n` +
        `Install it, or run "npm ci" again without --omit=optional so that the package ${name} brings it.`,
    );
    process.exit(1);
  }
}
