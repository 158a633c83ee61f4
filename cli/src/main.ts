// Entry of the command line. The only module with effects at import.
import { basename } from 'node:path';
import { launchThread } from '@spindle/runtime';

const args = process.argv.slice(2);
/** Spin starts a plugin by its own name. */
const called = basename(process.argv[1] ?? '').replace(/\.(?:js|exe)$/, '');
const name = called === 'kube' || called === 'k8s' ? called : 'spindle';
// First of all: a thread takes as long to boot as the commands take to load.
const launched = name === 'spindle' && args[0] === 'up' ? launchThread() : undefined;

for (const stream of [process.stdout, process.stderr]) {
  // Whoever read it may leave (`spindle up | head`): no reason to fail, or to stop serving.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      throw error;
    }
  });
}
// Not awaited: the bundle is CommonJS, which cannot.
void import('./program.ts')
  .then(({ runCli }) => runCli(args, { name, launched }))
  .then(async (code) => {
    process.exitCode = code;
    // Unless a run has taken it.
    await launched?.close();
  });
