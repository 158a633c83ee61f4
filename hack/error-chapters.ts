// All error codes: which part of the tree owns which range, for the generated reference and the test that holds it.
import { CLI_ERRORS } from '../cli/src/error-table.ts';
import { API_ERRORS } from '../packages/api/src/error-table.ts';
import { KUBE_ERRORS } from '../packages/kube/src/error-table.ts';
import { LOADER_ERRORS } from '../packages/loader/src/error-table.ts';
import { OPERATOR_ERRORS } from '../operator/src/error-table.ts';
import { OCI_ERRORS } from '../packages/oci/src/error-table.ts';
import { RUNTIME_ERRORS } from '../runtime-node/src/error-table.ts';
import { SHIM_ERRORS } from '../shim/src/error-table.ts';

/** `prefix` is what all codes of the part begin with. */
export const errorChapters = [
  { title: 'Manifests, locked apps and variables', part: 'packages/api', prefix: 'SPK1', table: API_ERRORS },
  { title: 'Registries', part: 'packages/oci', prefix: 'SPK2', table: OCI_ERRORS },
  { title: 'Finding and loading an app', part: 'packages/loader', prefix: 'SPK3', table: LOADER_ERRORS },
  { title: 'Running an app', part: 'runtime-node', prefix: 'SPK4', table: RUNTIME_ERRORS },
  { title: 'The command line', part: 'cli', prefix: 'SPK5', table: CLI_ERRORS },
  { title: 'The operator', part: 'operator', prefix: 'SPK6', table: OPERATOR_ERRORS },
  { title: 'Reaching a cluster', part: 'packages/kube', prefix: 'SPK7', table: KUBE_ERRORS },
  { title: 'The shim', part: 'shim', prefix: 'SPK8', table: SHIM_ERRORS },
] as const;
