// Entry of the command line. The only module with effects at import.
import { runCli } from './program.ts';

for (const stream of [process.stdout, process.stderr]) {
  // Whoever read it may leave (`spindle up | head`): no reason to fail, or to stop serving.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      throw error;
    }
  });
}
// Not awaited: the bundle is CommonJS, which cannot.
void runCli(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
