// Loaded before the runtime in the container of a Spin application. When the process fails, the last of what it said goes
// where Kubernetes looks for the reason: the file of terminationMessagePath.
'use strict';
const { isMainThread } = require('node:worker_threads');
const { accessSync, constants, writeFileSync } = require('node:fs');

/** Kubernetes' default; the container has no word of another. */
const MESSAGE_FILE = '/dev/termination-log';
/** As much as Kubernetes keeps. */
const MAX_BYTES = 4096;

if (isMainThread) {
  const { stderr } = process;
  const write = stderr.write;
  let last = '';
  stderr.write = function writeAndKeep(chunk, ...rest) {
    last = (last + String(chunk)).slice(-MAX_BYTES);
    return Reflect.apply(write, stderr, [chunk, ...rest]);
  };
  process.on('exit', (code) => {
    if (code !== 0 && last !== '') {
      try {
        // Not made where there is none: then nobody reads it.
        accessSync(MESSAGE_FILE, constants.W_OK);
        writeFileSync(MESSAGE_FILE, last);
      } catch {
        // Its user may not write there, or it runs without Kubernetes.
      }
    }
  });
}
