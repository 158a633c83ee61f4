// A container's bundle: config.json as containerd wrote it, and beside it what `delete` has to know when this process is gone.
import { readFile, writeFile } from 'node:fs/promises';
import { resolve, join } from 'node:path';
import type { RuntimePlace } from '../oci-runtime/runtime.ts';
import { RpcError } from '../ttrpc/index.ts';

/** Of an OCI runtime specification what the shim looks at; all else stays as it is. */
export interface Spec {
  root?: { path?: string; readonly?: boolean };
  process?: { args?: string[]; env?: string[]; cwd?: string; [other: string]: unknown };
  mounts?: { destination: string; type?: string; source?: string; options?: string[] }[];
  annotations?: Record<string, string>;
  linux?: { namespaces?: { type: string; path?: string }[]; [other: string]: unknown };
}

const CONFIG = 'config.json';
const RUNTIME = 'spindle-runtime.json';

export async function readSpec(bundle: string): Promise<Spec> {
  try {
    const spec: unknown = JSON.parse(await readFile(join(bundle, CONFIG), 'utf8'));
    if (typeof spec !== 'object' || spec === null || Array.isArray(spec)) {
      throw new Error('it is not an object');
    }
    return spec;
  } catch (cause) {
    throw new RpcError(
      'invalidArgument',
      `could not load runtime spec: ${cause instanceof Error ? cause.message : ''}`,
      {
        cause,
      },
    );
  }
}

export const writeSpec = (bundle: string, spec: Spec): Promise<void> =>
  writeFile(join(bundle, CONFIG), JSON.stringify(spec));

export const rootfsOf = (bundle: string, { root }: Spec): string => resolve(bundle, root?.path ?? 'rootfs');

/** Its processes end with its first one only when they are in a PID namespace that is the container's alone. */
export const hasOwnProcesses = ({ linux }: Spec): boolean =>
  linux?.namespaces?.some(({ type, path }) => type === 'pid' && (path === undefined || path === '')) ?? false;

export const writeRuntimePlace = (bundle: string, place: RuntimePlace): Promise<void> =>
  writeFile(join(bundle, RUNTIME), JSON.stringify(place));

/** Undefined when nothing was made of the bundle. */
export async function readRuntimePlace(bundle: string): Promise<RuntimePlace | undefined> {
  try {
    return JSON.parse(await readFile(join(bundle, RUNTIME), 'utf8')) as RuntimePlace;
  } catch {
    // expected: creation did not come so far.
    return undefined;
  }
}
