// A folder of Docker configurations, as pull secrets are mounted into a pod: read at each lookup, since they may change.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { firstOf, type CredentialSource } from './credentials.ts';
import { dockerConfigText } from './docker-config.ts';

/** Files are asked in the order of their names; Kubernetes' own begin with two dots and are none. */
export function loginsFolder(folder: string): CredentialSource {
  return async function lookUpInFolder(server, signal) {
    const sources: CredentialSource[] = [];
    try {
      const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).toSorted();
      for (const name of names) {
        const path = join(folder, name);
        sources.push(dockerConfigText(await readFile(path, 'utf8'), path));
      }
    } catch {
      // expected: the Secrets are optional, and a pull may need no login; a refusal will name the problem.
      return { problems: [`${folder}: cannot be read`] };
    }
    return firstOf(...sources)(server, signal);
  };
}
