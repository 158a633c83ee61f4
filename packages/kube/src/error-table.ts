// What docs/reference/errors.md says of this package's error codes. One code may have several messages; the messages
// themselves stand where they are thrown.
import type { ErrorTable } from '@spindle/api';

export const KUBE_ERRORS = {
  SPK7001: {
    meaning: 'A kubeconfig cannot be read.',
    remedy: 'Check the path in `--kubeconfig` or `KUBECONFIG` and the permissions of the file.',
  },
  SPK7002: {
    meaning: 'A kubeconfig is not valid: its YAML, or a field of it.',
    remedy: 'Correct the field that is named; `kubectl config view` shows what kubectl makes of the file.',
  },
  SPK7003: {
    meaning: 'A kubeconfig names a context, cluster or user that none of its entries has.',
    remedy: 'Name one that exists: `kubectl config get-contexts`, `kubectl config use-context`.',
  },
  SPK7004: {
    meaning: 'A file with a token, a certificate or a key that the configuration refers to cannot be read.',
    remedy: 'Check that the file is there and may be read; in a pod, that the token of the service account is mounted.',
  },
  SPK7005: {
    meaning:
      'The credential plugin of a kubeconfig cannot be run, has failed, or answers something else than credentials.',
    remedy: 'Run the plugin by hand; install it when it is missing; log in again if it says so.',
  },
  SPK7006: {
    meaning: 'There is no cluster to talk to: no kubeconfig, and this is not a pod.',
    remedy: 'Set `KUBECONFIG`, give `--kubeconfig`, or write `~/.kube/config`.',
  },
  SPK7007: {
    meaning: 'A kubeconfig asks for a way to log in, or for a proxy, that is not supported.',
    remedy: 'Use a credential plugin (`exec`) in place of an old auth-provider; a proxy of http or https.',
  },
  SPK7008: {
    meaning: 'The identity provider gave no new token, or the kubeconfig lacks what is needed to ask for one.',
    remedy: 'Log in again with the tool that wrote the kubeconfig.',
  },
} as const satisfies ErrorTable;
