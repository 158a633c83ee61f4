// Which OCI runtime a container gets: what its options name, else runc or crun, the first that this node has.
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { RpcError } from '../ttrpc/index.ts';

const KNOWN = ['runc', 'crun'] as const;

/** Where nodes keep them; containerd's own PATH may leave some out. */
const USUAL_FOLDERS = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
  '/opt/containerd/bin',
];

export function findRuntime(binaryName: string | undefined, path: string): string {
  const names = binaryName === undefined ? KNOWN : [binaryName];
  const folders = [...path.split(delimiter).filter((folder) => folder !== ''), ...USUAL_FOLDERS];
  for (const name of names) {
    const candidates = isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name));
    const found = candidates.find(isExecutable);
    if (found !== undefined) {
      return found;
    }
  }
  throw new RpcError(
    'failedPrecondition',
    `this node has no ${names.join(' or ')}: install one, or name it as BinaryName in the runtime's options`,
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // expected: the next place is tried.
    return false;
  }
}
