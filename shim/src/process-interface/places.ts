// Where the shim's server listens and keeps what it must know of containers: one server for each containerd, namespace and
// build of the shim, so that a node takes a new build for new pods while the old one serves its own to their end.
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where containerd's own shims have their sockets. */
const SOCKETS = '/run/containerd/s';
const STATE = '/run/containerd/spin';
/** Which container uses which application, for those who make room. */
export const USES = join(STATE, 'uses');

export interface ServerPlaces {
  readonly socket: string;
  /** Held by the server as long as it lives: an abstract socket, which goes with its process (unix(7)). */
  readonly claim: string;
  readonly stateFolder: string;
  /** Of the OCI runtime. */
  readonly runtimeRoot: string;
  readonly logFile: string;
}

export interface ServerOwner {
  /** Of containerd's gRPC socket. */
  readonly address: string;
  readonly namespace: string;
  /** Of the shim's own program. */
  readonly build: string;
}

export function serverPlaces({ address, namespace, build }: ServerOwner): ServerPlaces {
  const id = hash('sha256', `${address}/${namespace}/node-${build}`);
  const stateFolder = join(STATE, namespace);
  return {
    socket: join(SOCKETS, id),
    claim: `\0containerd-shim-spin/${id}`,
    stateFolder,
    runtimeRoot: join(stateFolder, 'oci-runtime'),
    logFile: join(stateFolder, 'server.log'),
  };
}

/** Of the shim's own program file. */
export const buildOf = (file: string): string => hash('sha256', readFileSync(file)).slice(0, 16);

/** In the bundle; containerd reads it when it comes back. */
export const ADDRESS_FILE = 'address';

export const addressOf = (socket: string): string => `unix://${socket}`;
export const socketOf = (address: string): string => address.replace(/^unix:\/\//, '');
