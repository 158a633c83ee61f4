// What a push will store, decided before anything is sent: the locked app with its references turned into digests,
// the layers in Spin's order, the configuration, the annotations (spin-contract.md §2.2). Pure.
import type { ComponentSource, ContentPath, LockedApp } from '@spindle/api';
import { digestOf } from '../digest.ts';
import { needsComposition, unpushable } from '../errors.ts';
import { ARCHIVE_LAYER, DATA_LAYER, OCI_IMAGE_CONFIG, SPIN_APPLICATION, WASM_LAYER } from '../media-types.ts';
import type { Descriptor } from '../types.ts';
import { type AnnotationOptions, manifestAnnotations } from './annotations.ts';
import { describePlace, type PlacedContent, rewriteContent } from './content-refs.ts';
import { lockedAppJson } from './locked-app-json.ts';
import type { LocalFile, MountedFile, PushContent } from './push-content.ts';

/** The lowest limit of the well-known registries is 500 layers an image; one of them is the locked app. */
const MAX_CONTENT_LAYERS = 499;

export interface PlanPushOptions extends AnnotationOptions {
  /** `--compose`: dependencies become a part of the component. Without it each is a layer. */
  readonly compose: boolean;
  /** One archive per mount instead of one layer per file, whatever their number (`SPIN_OCI_ARCHIVE_LAYERS`). */
  readonly archive: boolean;
}

export type PlannedLayer =
  | { readonly kind: 'file'; readonly descriptor: Descriptor; readonly path: string }
  | { readonly kind: 'bytes'; readonly descriptor: Descriptor; readonly bytes: Uint8Array }
  /** Its digest is known once it is written; the locked app refers to the files in it, never to the archive. */
  | { readonly kind: 'archive'; readonly mediaType: string; readonly files: readonly MountedFile[] };

export interface PushPlan {
  readonly locked: LockedApp;
  /** In the order of the manifest; the locked app is the last. */
  readonly layers: readonly PlannedLayer[];
  readonly config: { readonly descriptor: Descriptor; readonly bytes: Uint8Array };
  readonly annotations: Readonly<Record<string, string>>;
}

export function planPush(content: PushContent, options: PlanPushOptions): PushPlan {
  if (options.compose) {
    refuseDependencies(content.locked);
  }
  const simple = assemble(content, 'simple');
  const archive = options.archive || simple.layers.length > MAX_CONTENT_LAYERS;
  const { locked, layers } = archive ? assemble(content, 'archive') : simple;
  const application = bytesLayer(SPIN_APPLICATION, lockedAppJson(locked));
  return {
    locked,
    layers: [...layers, application],
    config: bytesLayer(OCI_IMAGE_CONFIG, imageConfig(application.descriptor.digest)),
    annotations: manifestAnnotations(content.locked.metadata ?? {}, options),
  };
}

function refuseDependencies(locked: LockedApp): void {
  for (const { id, dependencies, trigger_dependencies } of locked.components) {
    const names = [...Object.keys(dependencies ?? {}), ...Object.keys(trigger_dependencies ?? {})];
    if (names.length > 0) {
      throw needsComposition(id, names);
    }
  }
}

interface Assembly {
  readonly locked: LockedApp;
  readonly layers: readonly PlannedLayer[];
}

function assemble({ locked, wasm, mounts }: PushContent, mode: 'simple' | 'archive'): Assembly {
  const layers: PlannedLayer[] = [];
  const seen = new Set<string>();
  function addFile(mediaType: string, file: LocalFile): void {
    const key = `${mediaType} ${file.digest}`;
    if (!seen.has(key)) {
      seen.add(key);
      layers.push({ kind: 'file', path: file.path, descriptor: { mediaType, digest: file.digest, size: file.size } });
    }
  }
  const rewritten = rewriteContent(withoutOrigin(locked), {
    wasm: (content: PlacedContent<ComponentSource>) => {
      const file = found(wasm, content);
      addFile(WASM_LAYER, file);
      return { content_type: content.ref.content_type, ...contentOf(file) };
    },
    file: (content: PlacedContent<ContentPath>) => {
      const mount = content.ref.path.replace(/^\/+|\/+$/g, '');
      const files = found(mounts, content).map((file) => ({ ...file, name: below(mount, file.name) }));
      if (mode === 'archive' && files.length > 0) {
        layers.push({ kind: 'archive', mediaType: ARCHIVE_LAYER, files });
      }
      // Registries exist that cannot store very small blobs: what is inlined gets no layer of its own.
      for (const file of mode === 'simple' ? files.filter(({ inline }) => inline === undefined) : []) {
        addFile(DATA_LAYER, file);
      }
      return files.map((file) => ({ ...contentOf(file), path: file.name }));
    },
  });
  return { locked: rewritten, layers };
}

function found<Fact>(
  facts: ReadonlyMap<string, Fact>,
  { place, ref }: PlacedContent<ComponentSource | ContentPath>,
): Fact {
  const fact = facts.get(ref.source ?? '');
  if (fact === undefined) {
    throw unpushable(ref.source ?? place.component, `nothing is known of ${describePlace(place)}`);
  }
  return fact;
}

/** Base64 without padding: Spin writes it so, and reads nothing else. */
const contentOf = ({ digest, inline }: LocalFile): { inline?: string; digest: string } =>
  inline === undefined ? { digest } : { inline: inline.toString('base64').replace(/=+$/, ''), digest };

/** Both say where the app came from, which is not where it will be. */
function withoutOrigin(locked: LockedApp): LockedApp {
  const { origin: _origin, oci_image_digest: _digest, ...metadata } = locked.metadata ?? {};
  return locked.metadata === undefined ? locked : { ...locked, metadata };
}

const below = (mount: string, name: string): string => [mount, name].filter((part) => part !== '').join('/');

function bytesLayer(mediaType: string, bytes: Buffer): Extract<PlannedLayer, { kind: 'bytes' }> {
  return { kind: 'bytes', bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength } };
}

/**
 * An ordinary image configuration, so that container runtimes can read it. The label makes two apps two images: the
 * configuration's digest is the image's id.
 */
const imageConfig = (lockedAppDigest: string): Buffer =>
  Buffer.from(
    JSON.stringify({
      architecture: 'wasm',
      os: 'Wasip1',
      config: { Labels: { 'com.fermyon.spin.lockedAppDigest': lockedAppDigest } },
      rootfs: { type: 'layers', diff_ids: [] },
    }),
  );
