// When a ConfigMap or Secret that pods read only at their start changes, the pods are replaced. Upstream never does that, and
// its pod templates have no trace of what pods read; so that taking over a cluster replaces nothing, the first hash goes to
// the Deployment's own annotations, and the template gets one only from the first change on.
import { API_GROUP } from '@spindle/api';

export const CONFIG_HASH_ANNOTATION = `${API_GROUP}/config-hash`;

/** Of a live Deployment, as far as it matters here. */
export interface HashesSeen {
  readonly onDeployment: string | undefined;
  readonly onTemplate: string | undefined;
}

/** Annotations for the pod template. */
export function templateHash(current: string | undefined, seen: HashesSeen): Record<string, string> {
  if (current === undefined) {
    return {};
  }
  const changed = seen.onDeployment !== undefined && seen.onDeployment !== current;
  return changed || seen.onTemplate !== undefined ? { [CONFIG_HASH_ANNOTATION]: current } : {};
}

/** Annotations for the Deployment itself. */
export const deploymentHash = (current: string | undefined): Record<string, string> =>
  current === undefined ? {} : { [CONFIG_HASH_ANNOTATION]: current };
