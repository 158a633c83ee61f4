// What docs/reference/errors.md says of the command line's error codes. One code may have several messages; the messages
// themselves stand where they are thrown.
import type { ErrorTable } from '@spindle/api';

export const CLI_ERRORS = {
  SPK5001: {
    meaning: 'A flag has a value that it cannot have, or contradicts another one.',
    remedy: 'Correct the flag; `--help` says what it takes.',
  },
  SPK5002: {
    meaning: 'A file that a flag names cannot be read.',
    remedy: 'Give the path of a file that exists and can be read.',
  },
  SPK5003: {
    meaning: 'The certificate or the key for TLS cannot be used.',
    remedy: 'Give PEM files; the key must not be encrypted, and must belong to the first certificate.',
  },
  SPK5004: {
    meaning: 'The file `.env` of the current folder cannot be read.',
    remedy: 'Make it a file of `NAME=value` lines, or remove it.',
  },
  SPK5005: {
    meaning: 'Something was asked for on the terminal, such as a password, and nobody answered.',
    remedy:
      'Answer, or give the flags that make the question needless: `--username` and `--password-stdin`, or `--value`.',
  },
  SPK5010: {
    meaning: 'A template cannot be used: its metadata, a file that these name, or its Liquid is wrong.',
    remedy: 'Correct the place that the error names; docs/reference/templates.md describes the format.',
  },
  SPK5011: {
    meaning: 'Templates cannot be installed or removed: there are none where they should be, or git failed.',
    remedy: 'Check the URL or the folder; templates stand in its folder `templates`.',
  },
  SPK5012: {
    meaning: 'A value for a parameter of a template is missing or does not fit.',
    remedy: 'Give it with `--value name=value`; `--accept-defaults` takes the defaults.',
  },
  SPK5013: {
    meaning: 'The folder for a new application or component has other files, or cannot be written.',
    remedy: 'Give another folder with `--output`. Nothing was changed.',
  },
  SPK5014: {
    meaning: 'The name or the template for something new is missing or cannot be used.',
    remedy: 'Write `spindle new NAME -t TEMPLATE`; `spindle templates list` shows the templates.',
  },
  SPK5015: {
    meaning: 'There is no manifest that a component could be added to.',
    remedy: 'Name a spin.toml of version 2 with `--file`; `spindle doctor` upgrades older ones.',
  },
  SPK5020: {
    meaning: 'A build cannot begin: a component or a working directory that it names does not exist.',
    remedy: 'Correct `--component-id`, or `workdir` in the manifest.',
  },
  SPK5021: {
    meaning: 'The build command of a component failed or does not exist.',
    remedy: 'Its own output, above the error, says why; `spindle doctor` finds missing programs.',
  },
  SPK5022: {
    meaning: 'A command that works on sources was given something that has no manifest.',
    remedy: 'Name a spin.toml or its folder with `--from`.',
  },
  SPK5023: {
    meaning: 'The doctor found problems that are still there, or a treatment failed.',
    remedy: 'Follow the advice that it gives with each; `--yes` mends what can be mended without asking.',
  },
  SPK5030: {
    meaning: 'A file of Kubernetes manifests holds no SpinApp, or several, and it is not said which one is to run.',
    remedy: 'Choose one with `--app`; the error names them.',
  },
  SPK5031: {
    meaning:
      'A file of Kubernetes manifests cannot be run: its YAML, a field of a SpinApp, Secret or ConfigMap, or something that the SpinApp names and the file does not have.',
    remedy: 'Correct the line and the field that the error names; what `kubectl apply` takes is taken here.',
  },
  SPK5032: {
    meaning: 'No folder can be made for temporary files.',
    remedy:
      'Set `TMPDIR` to a folder that may be written to; in a container with a read-only root, mount one at `/tmp`.',
  },
  SPK5040: {
    meaning: 'There is no such app, namespace or variable in the cluster (exit status 4).',
    remedy: 'Correct the name or the namespace (`-n`); `list -A` shows the apps of all namespaces.',
  },
  SPK5041: {
    meaning: 'The cluster does not know you, or does not permit it (exit status 5).',
    remedy: 'Log in again, give another `--context`, or ask for a role; `check` lists what you may not do.',
  },
  SPK5042: {
    meaning: 'Something in the cluster was not done in time (exit status 3). The cluster goes on with it.',
    remedy: 'Follow the advice that stands below the error; `status` shows how it is now, `--timeout` waits longer.',
  },
  SPK5043: {
    meaning: 'A field of an app is set by somebody else, such as kubectl, helm or a GitOps tool.',
    remedy: 'Change it there, or take the field over with `--force-conflicts`.',
  },
  SPK5044: {
    meaning: 'The API server refuses what was asked: a field, a policy, a quota, or a change at the same time.',
    remedy: 'Follow the message, which is the API server’s own.',
  },
  SPK5045: {
    meaning: 'The cluster cannot be reached.',
    remedy: 'Check the network and the kubeconfig; `kubectl cluster-info` asks the same server.',
  },
  SPK5046: {
    meaning: 'The definitions of SpinApp are not in the cluster, or are of another release.',
    remedy: 'Install or upgrade Spindle there; `check` shows what is missing.',
  },
  SPK5047: {
    meaning: 'An app cannot become ready as it is: the error names the cause.',
    remedy: 'Follow the advice that stands below the error, then deploy again.',
  },
  SPK5049: {
    meaning: 'Logs or a connection cannot be had: no pod is ready, a port is taken, or lines cannot be told apart.',
    remedy: '`status` shows how the pods are.',
  },
  SPK5050: {
    meaning: 'Checks of a cluster have failed.',
    remedy: 'Follow the advice that stands below each.',
  },
  SPK5051: {
    meaning: 'There is no earlier version of an app to go back to.',
    remedy: 'Deploy the version that you want with `deploy --from`.',
  },
  SPK5052: {
    meaning: 'Something that cannot be undone was not confirmed.',
    remedy: 'Answer yes, or give `--yes`.',
  },
  SPK5054: {
    meaning: 'A command was stopped before what it waited for was done (exit status 130).',
    remedy: '`status` shows what the cluster has made of it.',
  },
} as const satisfies ErrorTable;
