'use strict';
const { join } = require('node:path');
const { isFresh } = require('../../cli/bin/bundle.js');
module.exports = { isFresh: () => isFresh(join(__dirname, '..')) };
