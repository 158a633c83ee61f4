// What Spin itself stored for five apps (fixtures/spin-push.json), and the same apps as they stand before a push.
import { readFileSync } from 'node:fs';
import type { LockedApp } from '@spindle/api';
import { digestOf } from '../digest.ts';
import type { PushContent } from '../spin-artefact/push-content.ts';
import type { Descriptor } from '../types.ts';

export type SpinCase = 'minimal' | 'files' | 'files-archive' | 'many' | 'same-wasm-twice';

export interface SpinPush {
  readonly manifest: {
    readonly annotations: Readonly<Record<string, string>>;
    readonly config: Descriptor;
    readonly layers: readonly Descriptor[];
  };
  readonly config: unknown;
  readonly lockedApp: LockedApp;
  /** Names of the files in its archive layer. */
  readonly archive?: readonly string[];
}

export const SPIN_CASES: readonly SpinCase[] = ['minimal', 'files', 'files-archive', 'many', 'same-wasm-twice'];

export function spinPush(name: SpinCase): SpinPush {
  const text = readFileSync(new URL('../spin-artefact/fixtures/spin-push.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as Record<SpinCase, SpinPush>)[name];
}

/** The files that were pushed, all of one letter. */
export const ASSETS: Readonly<Record<string, Buffer>> = {
  'big.txt': Buffer.alloc(5000, 'B'),
  'edge.txt': Buffer.alloc(128, 'e'),
  'skip.txt': Buffer.alloc(500, 's'),
  'small.txt': Buffer.from('tiny'),
  'sub/mid.txt': Buffer.alloc(129, 'm'),
};

/** The app of a case before it was pushed: contents are files, and it says where it came from. */
export function beforePush(name: SpinCase): PushContent {
  const { lockedApp, manifest } = spinPush(name);
  const hello = manifest.layers[0] ?? { digest: '', size: 0 };
  const wasm = new Map([
    ['file:///app/hello.wasm', { path: '/app/hello.wasm', digest: hello.digest, size: hello.size }],
  ]);
  const locked: LockedApp = {
    ...lockedApp,
    metadata: { ...lockedApp.metadata, origin: 'file:///app/spin.toml' },
    components: lockedApp.components.map(({ files, ...component }) => ({
      ...component,
      source: { content_type: 'application/wasm', source: 'file:///app/hello.wasm' },
      ...(files === undefined ? {} : { files: [{ source: 'file:///work/assets/hello', path: '/' }] }),
    })),
  };
  const paths = lockedApp.components.flatMap(({ files }) => files ?? []).map(({ path }) => path);
  const mounted = Object.entries(ASSETS)
    .filter(([path]) => paths.includes(path))
    .map(([path, bytes]) => ({
      name: path,
      path: `/work/assets/hello/${path}`,
      digest: digestOf(bytes),
      size: bytes.byteLength,
      inline: bytes.byteLength <= 128 ? bytes : undefined,
    }));
  return { locked, wasm, mounts: new Map([['file:///work/assets/hello', mounted]]) };
}
