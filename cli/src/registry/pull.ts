// `spindle registry pull`
import { formatReference, parseReference, pullApp, storedCredentials } from '@spindle/oci';
import type { Console } from '../console.ts';
import { userPaths } from '../paths.ts';

export interface PullFlags {
  insecure?: boolean;
  cacheDir?: string;
}

export async function pull(text: string, flags: PullFlags, console: Console): Promise<void> {
  const paths = userPaths(console);
  const options = {
    cacheDir: flags.cacheDir ?? paths.cacheDir,
    insecure: flags.insecure ?? false,
    credentials: storedCredentials(paths, console.env),
  };
  const { digest } = await pullApp(text, options);
  const reference = parseReference(text);
  if (reference.digest !== digest) {
    // The cache keeps manifests by the name they were asked for: only a digest says what it means without the registry.
    await pullApp(formatReference({ ...reference, tag: undefined, digest }), options);
  }
  console.out(`Pulled with digest ${digest}`);
}
