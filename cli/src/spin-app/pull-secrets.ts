// The logins of a SpinApp's imagePullSecrets, as the kubelet uses them: before those that this machine has itself.
import { DOCKER_CONFIG_JSON_KEY, DOCKER_CONFIG_KEY, secretValues, type SpinApp, type Written } from '@spindle/api';
import { dockerConfigText, type CredentialSource } from '@spindle/oci';
import type { ObjectValues } from './object-values.ts';

/** A Secret that is not in the file is no fault: the kubelet passes over it too, and its like are seldom written down. */
export function pullSecrets(
  { object: { spec } }: Written<SpinApp>,
  values: ObjectValues,
  warn: (line: string) => void,
): CredentialSource[] {
  return (spec.imagePullSecrets ?? []).flatMap(({ name }) => {
    const secret = values.secret(name);
    if (secret === undefined) {
      warn(`the Secret ${JSON.stringify(name)} of imagePullSecrets is not in the file; your own logins are used`);
      return [];
    }
    const data = secretValues(secret.object);
    const [current, former] = [data.get(DOCKER_CONFIG_JSON_KEY), data.get(DOCKER_CONFIG_KEY)];
    const bytes = current ?? former;
    if (bytes === undefined) {
      throw secret.error(
        `the Secret ${JSON.stringify(name)} holds no logins of registries`,
        ['metadata', 'name'],
        `It needs the key ${DOCKER_CONFIG_JSON_KEY}; "kubectl create secret docker-registry" makes one.`,
      );
    }
    const text = new TextDecoder().decode(bytes);
    // The former format is the table of servers alone.
    return [dockerConfigText(current === undefined ? `{"auths":${text}}` : text, `the Secret ${name}`)];
  });
}
