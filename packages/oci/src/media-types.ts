// Media types of the artefacts Spin writes and reads, and of the registry documents around them
// (spin-contract.md §2.2; OCI image-spec 1.1; Docker image manifest 2.2).

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
export const DOCKER_INDEX = 'application/vnd.docker.distribution.manifest.list.v2+json';

export const OCI_IMAGE_CONFIG = 'application/vnd.oci.image.config.v1+json';

/** Locked app as a layer; in artefacts of Spin 1.x, the media type of the config blob. */
export const SPIN_APPLICATION = 'application/vnd.fermyon.spin.application.v1+config';
export const WASM_LAYER = 'application/vnd.wasm.content.layer.v1+wasm';
/** What wkg writes, and what a plain Wasm package has. */
export const WASM_LAYER_WKG = 'application/wasm';
export const DATA_LAYER = 'application/vnd.wasm.content.layer.v1+data';
export const ARCHIVE_LAYER = 'application/vnd.wasm.content.bundle.v1.tar+gzip';

export const isWasmLayer = (mediaType: string): boolean => mediaType === WASM_LAYER || mediaType === WASM_LAYER_WKG;
