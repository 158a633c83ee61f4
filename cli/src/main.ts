// Entry of the command line. The only module with effects at import.
import { runCli } from './program.ts';

process.exitCode = await runCli(process.argv.slice(2));
