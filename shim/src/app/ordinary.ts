// A container that is no Spin application: pause, a sidecar. The OCI runtime runs what its configuration says.
import type { TaskKind } from '../task/task.ts';

export const ORDINARY: TaskKind = { execRefusal: undefined, release: () => {} };
