// The lookup that the command line uses: Spin's file, then Docker's configuration.
import type { StandardPaths } from '../paths.ts';
import { type CredentialSource, firstOf } from './credentials.ts';
import { dockerConfig } from './docker-config.ts';
import { spinAuthFile } from './spin-auth-file.ts';

export function storedCredentials(
  paths: Pick<StandardPaths, 'authFile' | 'dockerConfig'>,
  env: Readonly<Record<string, string | undefined>>,
): CredentialSource {
  return firstOf(spinAuthFile(paths.authFile), dockerConfig(paths.dockerConfig, { env }));
}
