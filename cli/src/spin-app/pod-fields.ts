// What the downward API would tell a pod of itself, where a process on this machine has something like it.
import {
  APP_NAME_LABEL,
  quantityValue,
  STATUS_READY,
  statusLabel,
  type Quantity,
  type SpinApp,
  type VariableSource,
} from '@spindle/api';

export interface Here {
  readonly namespace: string;
  readonly hostname: string;
}

const LOOPBACK = '127.0.0.1';

/** Undefined for what only a cluster knows. */
export function podField(app: SpinApp, path: string, { namespace, hostname }: Here): string | undefined {
  const { metadata, spec } = app;
  const keyed = /^metadata\.(?<table>labels|annotations)\['(?<key>[^']+)'\]$/.exec(path)?.groups;
  if (keyed !== undefined) {
    const labels = { ...spec.podLabels, [APP_NAME_LABEL]: metadata.name, [statusLabel(metadata.name)]: STATUS_READY };
    const table: Readonly<Record<string, string>> = keyed['table'] === 'labels' ? labels : (spec.podAnnotations ?? {});
    // A pod without such a label has the variable all the same.
    return table[keyed['key'] ?? ''] ?? '';
  }
  switch (path) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return namespace;
    case 'spec.serviceAccountName':
      return spec.serviceAccountName || 'default';
    case 'spec.nodeName':
      return hostname;
    case 'status.podIP':
    case 'status.podIPs':
    case 'status.hostIP':
    case 'status.hostIPs':
      return LOOPBACK;
    default:
      return undefined;
  }
}

/** Rounded up, in the unit of `divisor`; undefined when the app declares no such resource. */
export function resourceField(
  { spec: { resources = {} } }: SpinApp,
  { resource, divisor = 1 }: NonNullable<VariableSource['resourceFieldRef']>,
): string | undefined {
  const [table, name = ''] = [resource.slice(0, resource.indexOf('.')), resource.slice(resource.indexOf('.') + 1)];
  const declared: Quantity | undefined =
    table === 'limits' ? resources.limits?.[name] : table === 'requests' ? resources.requests?.[name] : undefined;
  const value = declared === undefined ? undefined : quantityValue(declared);
  const unit = quantityValue(divisor);
  // A divisor of less than one, as in milliseconds of a processor, would need the fractions of both.
  if (value === undefined || unit === undefined || (unit === 1n && !isOne(divisor))) {
    return undefined;
  }
  const by = unit === 0n ? 1n : unit;
  return String((value + by - 1n) / by);
}

const isOne = (divisor: Quantity): boolean => Number(divisor) === 1;
