#!/usr/bin/env node
// The command line; see launch.js.
'use strict';
require('./launch.js').launch({ folder: require('node:path').join(__dirname, '..') });
