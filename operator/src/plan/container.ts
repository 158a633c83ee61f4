// The one container of an app's pods, by the kind of executor (control-plane contract §2.3, §2.5).
import type { HealthProbe, SpinAppSpec } from '@spindle/api';
import { environmentOf, LISTEN_ADDRESS } from './environment.ts';
import type { Execution } from './executor.ts';
import type { Container, Probe } from './objects.ts';
import type { PodVolumes } from './volumes.ts';

export const HTTP_PORT = 80;
export const HTTP_PORT_NAME = 'http-app';

/** What the runtime answers by itself once the app is loaded. */
const HEALTH_PATH = '/.well-known/spin/health';

/** An app may take two minutes to be fetched and prepared before its pod counts as broken. */
const STARTUP: Probe = {
  httpGet: { path: HEALTH_PATH, port: HTTP_PORT },
  periodSeconds: 1,
  failureThreshold: 120,
};

/** A second, as by default, takes all pods of an app on a busy node out of its Service at once: refusals in place of waiting. */
const READINESS: Probe = { httpGet: { path: HEALTH_PATH, port: HTTP_PORT }, periodSeconds: 5, timeoutSeconds: 5 };

export type RunsHere = Exclude<Execution, { readonly by: 'others' }>;

export function containerOf(
  name: string,
  spec: SpinAppSpec,
  execution: RunsHere,
  { volumeMounts }: PodVolumes,
): Container {
  const { readiness, liveness } = spec.checks ?? {};
  const common = {
    name,
    ports: [{ name: HTTP_PORT_NAME, containerPort: HTTP_PORT }],
    env: environmentOf(spec, execution.common),
    volumeMounts,
    ...(hasQuantities(spec) ? { resources: spec.resources } : {}),
    ...(liveness === undefined ? {} : { livenessProbe: probeOf(liveness) }),
    ...(readiness === undefined ? {} : { readinessProbe: probeOf(readiness) }),
  };
  switch (execution.by) {
    case 'shim':
      // A container must have a process to start; the shim does not look at it.
      return { ...common, image: spec.image, command: ['/'] };
    case 'spin-image':
      return { ...common, image: execution.image, args: upArguments(spec) };
    case 'node':
      return {
        ...common,
        image: execution.image,
        args: upArguments(spec),
        startupProbe: STARTUP,
        // The end of the log then says in the status why a container ended.
        terminationMessagePolicy: 'FallbackToLogsOnError',
        ...(readiness === undefined ? { readinessProbe: READINESS } : {}),
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      };
  }
}

const upArguments = ({ image, components = [] }: SpinAppSpec): string[] => [
  'up',
  '--listen',
  LISTEN_ADDRESS,
  '-f',
  image,
  '--runtime-config-file',
  '/runtime-config.toml',
  ...components.flatMap((component) => ['--component-id', component]),
];

/** A probe that asks nothing is refused before. */
function probeOf({ httpGet, ...numbers }: HealthProbe): Probe {
  const { path = '/', httpHeaders = [] } = httpGet ?? {};
  return {
    httpGet: { path, port: HTTP_PORT, ...(httpHeaders.length === 0 ? {} : { httpHeaders }) },
    ...numbers,
  };
}

const hasQuantities = ({ resources }: SpinAppSpec): boolean =>
  Object.keys(resources?.limits ?? {}).length > 0 || Object.keys(resources?.requests ?? {}).length > 0;
