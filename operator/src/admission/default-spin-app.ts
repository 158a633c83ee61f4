// The one default that admission writes: the executor (control-plane contract §3.1). Upstream looks through all namespaces
// and may write a name that the app's namespace has not; here only its own counts.
import type { SpinApp, SpinAppExecutor } from '@spindle/api';

/** A JSON Patch (RFC 6902); empty when there is nothing to write. */
export function defaultsOf({ spec }: SpinApp, executors: readonly SpinAppExecutor[]): readonly PatchOperation[] {
  const [first] = executors.map(({ metadata }) => metadata.name).toSorted();
  return spec.executor || first === undefined ? [] : [{ op: 'add', path: '/spec/executor', value: first }];
}

export interface PatchOperation {
  readonly op: 'add';
  readonly path: string;
  readonly value: string;
}
