// A container that is no Spin application: pause, a sidecar. The OCI runtime runs what its configuration says.
import type { PrepareBundle } from '../task/tasks.ts';

export const ordinaryContainers: PrepareBundle = async () => ({ execRefusal: undefined });
