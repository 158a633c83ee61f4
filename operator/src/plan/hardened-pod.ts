// What pods of Spindle's own runtime image have beside: they satisfy the restricted Pod Security Standard, fetch private
// images by the app's pull secrets, trust the executor's certificates, and get no more requests before they stop.
import type { SpinAppSpec, Volume, VolumeMount } from '@spindle/api';
import { HTTP_PORT } from './container.ts';
import type { Container, EnvironmentVariable, PodTemplate } from './objects.ts';
import { CA_FILE } from './volumes.ts';

/** The user that images of the field call nonroot. */
const NON_ROOT = 65_532;

/** Where the runtime writes: its cache, the state of stores. All else is read-only. */
const WORK_FOLDER = '/tmp';

/** Where the logins of pull secrets are; the runtime reads every file. */
const LOGINS_FOLDER = '/etc/spindle/registry-logins';

/** Until no node's proxy sends requests to a pod that stops. */
const LEAVE_SECONDS = 5;

/** Time to leave, and for requests in hand to end. */
const GRACE_SECONDS = LEAVE_SECONDS + 30;

export function hardened({ metadata, spec }: PodTemplate, app: SpinAppSpec, caSecret: string | undefined): PodTemplate {
  const additions = workFolder(app).concat(registryLogins(app));
  // Node reads no file of the system by itself. These are trusted besides its own.
  const trust = caSecret === undefined ? [] : [{ name: 'NODE_EXTRA_CA_CERTS', value: CA_FILE }];
  return {
    metadata,
    spec: {
      ...spec,
      containers: spec.containers.map((container) => withAdditions(container, additions, trust)),
      volumes: [...spec.volumes, ...additions.map(({ volume }) => volume)],
      terminationGracePeriodSeconds: GRACE_SECONDS,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: NON_ROOT,
        runAsGroup: NON_ROOT,
        fsGroup: NON_ROOT,
        seccompProfile: { type: 'RuntimeDefault' },
        // Ports below 1024 are for root elsewhere; this sysctl is one of those that every cluster allows.
        sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: String(HTTP_PORT) }],
      },
    },
  };
}

interface Addition {
  readonly volume: Volume;
  readonly mount: VolumeMount;
  readonly env: EnvironmentVariable;
}

function workFolder({ volumeMounts = [] }: SpinAppSpec): Addition[] {
  if (volumeMounts.some(({ mountPath }) => mountPath === WORK_FOLDER)) {
    return [];
  }
  return [
    {
      volume: { name: 'spin-work', emptyDir: {} },
      mount: { name: 'spin-work', mountPath: WORK_FOLDER },
      env: { name: 'HOME', value: WORK_FOLDER },
    },
  ];
}

function registryLogins({ imagePullSecrets = [] }: SpinAppSpec): Addition[] {
  if (imagePullSecrets.length === 0) {
    return [];
  }
  const sources = imagePullSecrets.map(({ name }, index) => ({
    secret: { name, optional: true, items: [{ key: '.dockerconfigjson', path: `${index}.json` }] },
  }));
  return [
    {
      volume: { name: 'spin-registry-logins', projected: { sources } },
      mount: { name: 'spin-registry-logins', readOnly: true, mountPath: LOGINS_FOLDER },
      env: { name: 'SPINDLE_REGISTRY_LOGINS', value: LOGINS_FOLDER },
    },
  ];
}

function withAdditions(
  container: Container,
  additions: readonly Addition[],
  trust: readonly EnvironmentVariable[],
): Container {
  return {
    ...container,
    args: [...(container.args ?? []), '--state-dir', `${WORK_FOLDER}/state`],
    env: [...container.env, ...additions.map(({ env }) => env), ...trust],
    volumeMounts: [...container.volumeMounts, ...additions.map(({ mount }) => mount)],
    lifecycle: { preStop: { sleep: { seconds: LEAVE_SECONDS } } },
  };
}
