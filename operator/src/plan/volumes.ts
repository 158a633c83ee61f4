// Volumes and mounts of a pod, in upstream's order: runtime configuration, the user's, certificates
// (control-plane contract §2.4).
import { RUNTIME_CONFIG_KEY, type SpinAppSpec, type Volume, type VolumeMount } from '@spindle/api';

const CA_KEY = 'ca-certificates.crt';
export const CA_FILE = `/etc/ssl/certs/${CA_KEY}`;

export interface PodVolumes {
  readonly volumes: readonly Volume[];
  readonly volumeMounts: readonly VolumeMount[];
}

export function volumesOf(spec: SpinAppSpec, runtimeConfigSecret: string, caSecret: string | undefined): PodVolumes {
  const ca = caSecret === undefined ? [] : [secretFile('spin-ca', caSecret, CA_KEY, CA_FILE)];
  const config = secretFile('spin-runtime-config', runtimeConfigSecret, RUNTIME_CONFIG_KEY, `/${RUNTIME_CONFIG_KEY}`);
  return {
    volumes: [config.volume, ...(spec.volumes ?? []), ...ca.map(({ volume }) => volume)],
    volumeMounts: [config.mount, ...(spec.volumeMounts ?? []), ...ca.map(({ mount }) => mount)],
  };
}

/** One key of a Secret as one file. */
function secretFile(name: string, secretName: string, key: string, mountPath: string): FileOfSecret {
  return {
    volume: { name, secret: { secretName, optional: true, items: [{ key, path: key }] } },
    mount: { name, readOnly: true, mountPath, subPath: key },
  };
}

interface FileOfSecret {
  readonly volume: Volume;
  readonly mount: VolumeMount;
}
