// A process of its own that pulls an app: `node pull-program.ts <reference> <cache folder>`. Prints digests and paths.
import { pullApp } from '../index.ts';

const [reference = '', cacheDir = ''] = process.argv.slice(2);
const app = await pullApp(reference, { cacheDir, insecure: true });
process.stdout.write(JSON.stringify(Object.fromEntries(app.paths)));
