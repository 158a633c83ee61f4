// Which SpinApps are refused (control-plane contract §3.2), in upstream's order. An executor that does not exist yet is no
// reason: the app heals by itself when it comes, and whoever applies both need not care for the order.
import { quantityValue, type SpinApp, type SpinAppExecutorSpec, type SpinAppSpec } from '@spindle/api';
import type { FieldError } from './field-error.ts';

/** `old` is the object before an update. */
export function validateSpinApp(
  { spec }: SpinApp,
  executor: SpinAppExecutorSpec | undefined,
  old?: SpinApp,
): FieldError[] {
  return [...replicas(spec, old?.spec), ...annotations(spec, executor), ...memoryLimit(spec)];
}

function replicas(
  { replicas: count = 0, enableAutoscaling = false }: SpinAppSpec,
  old: SpinAppSpec | undefined,
): FieldError[] {
  const wrong = (detail: string): FieldError[] => [{ field: 'spec.replicas', value: count, detail }];
  if (enableAutoscaling) {
    return count === 0 ? [] : wrong('replicas cannot be set when autoscaling is enabled');
  }
  // The scale subresource may have made it 0 since: other changes of such an app must stay possible.
  // Where an autoscaler has set their number until now, 0 is no number that somebody has set.
  const unchanged = old !== undefined && count === 0 && (old.replicas ?? 0) === 0 && old.enableAutoscaling !== true;
  return count >= 1 || unchanged ? [] : wrong('replicas must be > 0');
}

/** What nobody would read. */
function annotations(spec: SpinAppSpec, executor: SpinAppExecutorSpec | undefined): FieldError[] {
  if (executor === undefined || executor.createDeployment) {
    return [];
  }
  const ignored = (['deploymentAnnotations', 'podAnnotations'] as const).find(
    (field) => Object.keys(spec[field] ?? {}).length > 0,
  );
  return ignored === undefined
    ? []
    : [
        {
          field: `spec.${ignored}`,
          value: spec[ignored],
          detail: `${ignored} can't be set when the executor does not use operator deployments`,
        },
      ];
}

function memoryLimit({ invocationLimits, resources }: SpinAppSpec): FieldError[] {
  const memory = invocationLimits?.['memory'];
  if (memory === undefined) {
    return [];
  }
  const wrong = (detail: string): FieldError[] => [{ field: 'spec.invocationLimits[memory]', value: memory, detail }];
  const bytes = quantityValue(memory);
  if (bytes === undefined) {
    return wrong('memory limit must be a valid memory quantity (e.g. 128Mi, 1Gi)');
  }
  const hasLimits = Object.keys(resources?.limits ?? {}).length > 0;
  const most = hasLimits ? resources?.limits?.['memory'] : resources?.requests?.['memory'];
  const mostBytes = most === undefined ? undefined : quantityValue(most);
  return mostBytes === undefined || bytes <= mostBytes
    ? []
    : wrong(`invocation limit quantity cannot be greater than the memory ${hasLimits ? 'limit' : 'request'} (${most})`);
}
