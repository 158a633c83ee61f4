// Every flag of the operator: upstream's with its defaults, and ours.
import { bindAddress, count, duration, list, text, toggle, type FlagDefinition, type FlagValues } from './go-flags.ts';
import { RUNTIME_IMAGE } from './release.ts';

/** What `zap` of upstream takes, in the words of pino. */
const LEVELS: Readonly<Record<string, string>> = { debug: 'debug', info: 'info', error: 'error', panic: 'fatal' };

const logLevel: FlagDefinition<string> = {
  default: '',
  value: 'level',
  help: 'debug, info, error, panic, or a number above 0, which is debug. info when it is not given.',
  parse(given) {
    const level = given === '' ? 'info' : (LEVELS[given] ?? (/^[1-9]\d*$/.test(given) ? 'debug' : undefined));
    if (level === undefined) {
      throw new Error('debug, info, error, panic or a number above 0');
    }
    return level;
  },
};

function oneOf<const T extends string>(values: readonly T[], initial: T, help: string): FlagDefinition<T> {
  return {
    default: initial,
    value: values.join('|'),
    help,
    parse(given) {
      const value = values.find((one) => one === given);
      if (value === undefined) {
        throw new Error(`one of ${values.join(', ')}`);
      }
      return value;
    },
  };
}

/** As many pieces of work as the API server does at once for one client under its own rules. */
const WORKERS = 8;
const MAX_WORKERS = 64;

export const FLAGS = {
  kubeconfig: text(
    'path',
    '',
    'Kubeconfig of the cluster. Without it: KUBECONFIG, the pod’s own account, ~/.kube/config.',
  ),
  namespaces: list('names', '', 'Namespaces whose apps are run, separated by commas; all when empty.'),
  'runtime-image': text('image', RUNTIME_IMAGE, 'Image of Spindle’s runtime for apps whose executor names none.'),
  executors: text(
    'file',
    '',
    'JSON of executors that every namespace has: by name, each as the spec of a SpinAppExecutor.',
  ),
  'max-concurrent-reconciles': count('count', WORKERS, MAX_WORKERS, 'Apps that are worked on at the same time.'),
  'leader-elect': toggle(false, 'One of several replicas acts at a time.'),
  'leader-elect-namespace': text('name', '', 'Namespace of the lease; that of the pod when empty.'),
  'leader-elect-lease-duration': duration('15s', 'How long the others wait for a leader that says nothing.'),
  'leader-elect-renew-deadline': duration('10s', 'How long a leader acts without having renewed its lease.'),
  'leader-elect-retry-period': duration('2s', 'Between two tries to take or to renew the lease.'),
  'enable-webhooks': toggle(false, 'Serve the admission webhooks.'),
  'webhook-bind-address': bindAddress(':9443', 'Where the webhooks are served.'),
  'webhook-cert-dir': text(
    'path',
    '/tmp/k8s-webhook-server/serving-certs',
    'Folder with tls.crt and tls.key from elsewhere, such as cert-manager. Without them the operator makes its own.',
  ),
  'webhook-service': text(
    'name',
    'spin-operator-webhook-service',
    'Service by which the API server reaches the webhooks.',
  ),
  'webhook-secret': text(
    'name',
    'spin-operator-webhook-certificates',
    'Secret in which replicas share their certificates.',
  ),
  'webhook-extra-names': list('names', '', 'Further DNS names or addresses of the webhooks, for their certificate.'),
  'webhook-mutating-configuration': text(
    'name',
    'spin-operator-mutating-webhook-configuration',
    'Configuration that is told whom to trust; none when empty.',
  ),
  'webhook-validating-configuration': text(
    'name',
    'spin-operator-validating-webhook-configuration',
    'Configuration that is told whom to trust; none when empty.',
  ),
  'metrics-bind-address': bindAddress(':8080', 'Where metrics are served; 0 for nowhere.'),
  'metrics-secure': toggle(true, 'Metrics by HTTPS, for those whom the cluster lets get them.'),
  'metrics-cert-path': text('path', '', 'Folder with the certificate of the metrics; one is made when empty.'),
  'metrics-cert-name': text('file', 'tls.crt', 'Certificate in that folder.'),
  'metrics-cert-key': text('file', 'tls.key', 'Key in that folder.'),
  'enable-http2': toggle(false, 'HTTP/2 for the metrics too.'),
  'health-probe-bind-address': bindAddress(':8082', 'Where /healthz and /readyz are served; 0 for nowhere.'),
  'zap-log-level': logLevel,
  'zap-devel': toggle(true, 'Changes nothing: logs are JSON. --zap-log-level says how much.'),
  'zap-encoder': oneOf(['', 'json', 'console'], '', 'Changes nothing: logs are JSON.'),
  'zap-stacktrace-level': oneOf(
    ['', 'info', 'error', 'panic'],
    '',
    'Changes nothing: an error that is nobody’s mistake has its stack.',
  ),
  'zap-time-encoding': oneOf(
    ['', 'epoch', 'millis', 'nano', 'iso8601', 'rfc3339', 'rfc3339nano'],
    '',
    'How logs write the time; RFC 3339 when it is not given.',
  ),
} as const;

export type Flags = FlagValues<typeof FLAGS>;
