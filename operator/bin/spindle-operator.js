#!/usr/bin/env node
// The operator; see launch.js, which is the command line's.
'use strict';
require('./launch.js').launch({
  folder: require('node:path').join(__dirname, '..'),
  // Garbage is collected sooner: a third less memory under a burst of apps, for a little more time.
  flags: ['--max-semi-space-size=2'],
  // The C library otherwise keeps memory for each of Node's threads apart, and gives little of it back.
  environment: { MALLOC_ARENA_MAX: '1' },
});
