// What docs/reference/errors.md says of this package's error codes. What happens to a container is told to containerd with a
// status of gRPC in place of a code.
import type { ErrorTable } from '@spindle/api';

export const SHIM_ERRORS = {
  SPK8001: {
    meaning: 'The shim was called with other arguments or another environment than containerd gives it.',
    remedy:
      'It is containerd that starts it: name `io.containerd.spin.v2` as the runtime of a RuntimeClass or of `ctr run`.',
  },
  SPK8002: {
    meaning: 'The server of the shim did not start, or does not answer.',
    remedy: 'Its last words are in `server.log` below `/run/containerd/spin` on the node.',
  },
} as const satisfies ErrorTable;
