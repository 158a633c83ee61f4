// Whether an image is a Spin application, by its manifest and configuration (control-plane.md §7.2). Pure.

export const SPIN_APPLICATION = 'application/vnd.fermyon.spin.application.v1+config';
const WASM_LAYERS: ReadonlySet<string> = new Set([
  SPIN_APPLICATION,
  'application/vnd.wasm.content.layer.v1+wasm',
  'application/wasm',
]);
const INDEXES: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]);

export interface ImageManifest {
  readonly config?: { readonly mediaType?: string; readonly digest?: string };
  readonly layers?: readonly { readonly mediaType?: string }[];
}

export const isIndex = (mediaType: string): boolean => INDEXES.has(mediaType);

/** `config` is what the manifest's configuration says, when it is JSON. */
export function isSpinImage({ config, layers = [] }: ImageManifest, content: { architecture?: unknown }): boolean {
  if (config?.mediaType === SPIN_APPLICATION) {
    return true;
  }
  return content.architecture === 'wasm' && layers.some(({ mediaType }) => WASM_LAYERS.has(mediaType ?? ''));
}
