// Which files are taken for Kubernetes manifests, by their names: only `up` can do something with one.
import { notAManifest } from './errors.ts';

export const mayHoldManifests = (path: string): boolean => /\.(?:ya?ml|json)$/i.test(path);

/** As TOML it would only give an error that leads nowhere. */
export function refuseKubernetesFile(path: string): void {
  if (mayHoldManifests(path)) {
    throw notAManifest(path);
  }
}
