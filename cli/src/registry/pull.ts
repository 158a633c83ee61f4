// `spindle registry pull`
import { pullApp, storedCredentials } from '@spindle/oci';
import type { Console } from '../console.ts';
import { userPaths } from '../paths.ts';

export interface PullFlags {
  insecure?: boolean;
  cacheDir?: string;
}

export async function pull(reference: string, flags: PullFlags, console: Console): Promise<void> {
  const paths = userPaths(console);
  const pulled = await pullApp(reference, {
    cacheDir: flags.cacheDir ?? paths.cacheDir,
    insecure: flags.insecure ?? false,
    credentials: storedCredentials(paths, console.env),
  });
  console.out(`Pulled with digest ${pulled.digest}`);
}
