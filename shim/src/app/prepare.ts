// Decides what a container is, and makes a Spin application's bundle one that runs it.
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@spindle/api';
import { parse } from 'smol-toml';
import type { ContainerdClient } from '../containerd/client.ts';
import { contentFetch } from '../containerd/content-fetch.ts';
import type { ShimLog } from '../log/bundle-log.ts';
import { type Spec, writeSpec } from '../task/bundle.ts';
import type { TaskKind } from '../task/task.ts';
import type { PrepareBundle } from '../task/tasks.ts';
import { RpcError } from '../ttrpc/index.ts';
import {
  type AppContainer,
  appContainerSpec,
  isWritable,
  type RuntimeFiles,
  WRITABLE_FOLDERS,
} from './container-spec.ts';
import { type ImageManifest, isIndex, isSpinImage } from './image.ts';
import { ORDINARY } from './ordinary.ts';
import { findIn, isProgram } from './rootfs-files.ts';
import type { AppStore } from './store.ts';
import { containerKey, releaseUse } from './uses.ts';

export interface PrepareOptions {
  readonly namespace: string;
  readonly containerd: ContainerdClient;
  readonly store: AppStore;
  /** Of uses.ts. */
  readonly uses: string;
  readonly files: RuntimeFiles;
  readonly log: ShimLog;
}

const CONTAINER_TYPE = 'io.kubernetes.cri.container-type';
const MANIFEST = '/spin.toml';

/** A manifest is small; a registry takes 4 MiB. */
const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;

export function createPrepare(options: PrepareOptions): PrepareBundle {
  const { namespace, uses, files, log } = options;
  return async ({ id, bundle, rootfs, spec }) => {
    if (spec.annotations?.[CONTAINER_TYPE] === 'sandbox') {
      return ORDINARY;
    }
    const key = containerKey(namespace, id);
    try {
      const app = (await fromImage(options, id, key, rootfs)) ?? fromFile(rootfs, spec);
      if (app === undefined) {
        return ORDINARY;
      }
      if (!existsSync(join(files.tree, 'usr/bin/node'))) {
        throw new RpcError(
          'failedPrecondition',
          `this node has no Spindle runtime in ${files.tree}: install the shim again`,
        );
      }
      makeFolders(rootfs, spec);
      await writeSpec(bundle, appContainerSpec(spec, files, app));
      log.write('info', bundle, 'container of a Spin application', { instance: id, source: app.source.kind });
      return appKind(() => releaseUse(uses, key));
    } catch (error) {
      releaseUse(uses, key);
      throw error instanceof UserError ? told(error) : error;
    }
  };
}

const appKind = (release: () => void): TaskKind => ({
  execRefusal: 'exec is not supported: the container is a Spin application, which has no programs to run',
  release,
});

/** It becomes the message of an event of the pod: all three answers in a line. */
const told = (error: UserError): RpcError =>
  new RpcError('failedPrecondition', [`${error.code}: ${error.message}`, error.remedy].filter(Boolean).join(' '), {
    cause: error,
  });

async function fromImage(
  { containerd, store }: PrepareOptions,
  id: string,
  key: string,
  rootfs: string,
): Promise<AppContainer | undefined> {
  const name = await containerd.imageOf(id);
  const target = name === undefined ? undefined : await containerd.target(name);
  if (name === undefined || target === undefined || isIndex(target.mediaType)) {
    return undefined;
  }
  const manifest = (await document(containerd, target.digest)) as ImageManifest;
  const config = manifest.config?.digest === undefined ? {} : await document(containerd, manifest.config.digest);
  if (!isSpinImage(manifest, config)) {
    return undefined;
  }
  const { folder, reference, variables, isCommand } = await store.get(
    { name, digest: target.digest },
    key,
    contentFetch(containerd),
  );
  return { source: { kind: 'artefact', reference, folder }, variables, isCommand, has: (path) => has(rootfs, path) };
}

const has = (rootfs: string, path: string): boolean => findIn(rootfs, path) !== undefined;

/** Empty when it is no JSON object. */
async function document(containerd: ContainerdClient, digest: string): Promise<Record<string, unknown>> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of containerd.content(digest)) {
    bytes += piece.byteLength;
    if (bytes > MAX_DOCUMENT_BYTES) {
      return {};
    }
    pieces.push(piece);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(pieces).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // expected: the configuration of an artefact may be anything.
    return {};
  }
}

/** `spin.toml` in an ordinary image, whose command is no program (control-plane.md §7.1). */
function fromFile(rootfs: string, spec: Spec): AppContainer | undefined {
  const manifest = findIn(rootfs, MANIFEST);
  const isMounted = (spec.mounts ?? []).some(({ destination }) => destination === MANIFEST);
  const [command = ''] = spec.process?.args ?? [];
  const path = spec.process?.env?.find((entry) => entry.startsWith('PATH='))?.slice('PATH='.length) ?? '/usr/bin:/bin';
  if ((manifest === undefined && !isMounted) || isProgram(rootfs, command, path)) {
    return undefined;
  }
  return { source: { kind: 'file' }, ...factsFrom(manifest), has: (file) => has(rootfs, file) };
}

/** Of a manifest that cannot be read the runtime says what is wrong. */
function factsFrom(manifest: string | undefined): Pick<AppContainer, 'variables' | 'isCommand'> {
  try {
    const text = manifest === undefined ? '' : readFileSync(manifest, 'utf8');
    const { variables, trigger } = parse(text);
    return { variables: keysOf(variables), isCommand: keysOf(trigger).includes('command') };
  } catch {
    // expected: see above.
    return { variables: [], isCommand: false };
  }
}

const keysOf = (table: unknown): string[] => (typeof table === 'object' && table !== null ? Object.keys(table) : []);

/** The writable layer of the container itself, and no link in it is followed. */
function makeFolders(rootfs: string, spec: Spec): void {
  for (const folder of isWritable(spec) ? WRITABLE_FOLDERS : []) {
    if (!has(rootfs, folder)) {
      mkdirSync(join(rootfs, folder));
      chmodSync(join(rootfs, folder), 0o1777);
    }
  }
}
