// The lookup that the command line uses: a pod's pull secrets, Spin's file, then Docker's configuration.
import type { StandardPaths } from '../paths.ts';
import { type CredentialSource, firstOf } from './credentials.ts';
import { dockerConfig } from './docker-config.ts';
import { loginsFolder } from './logins-folder.ts';
import { spinAuthFile } from './spin-auth-file.ts';

/** Names a folder of Docker configurations; the operator sets it for pods of apps with pull secrets. */
const LOGINS_VARIABLE = 'SPINDLE_REGISTRY_LOGINS';

export function storedCredentials(
  paths: Pick<StandardPaths, 'authFile' | 'dockerConfig'>,
  env: Readonly<Record<string, string | undefined>>,
): CredentialSource {
  const folder = env[LOGINS_VARIABLE];
  return firstOf(
    ...(folder === undefined || folder === '' ? [] : [loginsFolder(folder)]),
    spinAuthFile(paths.authFile),
    dockerConfig(paths.dockerConfig, { env }),
  );
}
