// What belongs to this release of the operator.

export const VERSION = '0.1.0';

/** The runtime of the same release. */
export const RUNTIME_IMAGE = `ghcr.io/spindle-runtime/spindle:v${VERSION}`;
