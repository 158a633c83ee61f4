// What the flags of `scaffold` mean, and which are refused, in upstream's order and words (control-plane contract §5.1). Pure.
import { parseReference } from '@spindle/oci';
import { UserError, variableNameProblem } from '@spindle/api';
import { wrongScaffoldFlag } from '../errors.ts';
import type { ScaffoldFlags } from './flags.ts';
import { commaList, commaPairs } from './comma-list.ts';

export interface Scaffold {
  readonly name: string;
  readonly image: string;
  readonly executor: string;
  readonly replicas: number;
  readonly autoscaler:
    | { readonly kind: 'hpa' | 'keda'; readonly max: number; readonly cpu: number; readonly memory: number }
    | undefined;
  readonly azureIdentity: boolean;
  readonly serviceAccountName: string;
  /** By name. */
  readonly variables: readonly (readonly [name: string, value: string])[];
  readonly components: readonly string[];
  readonly limits: Amounts;
  readonly requests: Amounts;
  readonly imagePullSecrets: readonly string[];
  /** Lines for the user: what a cluster will not take. */
  readonly warnings: readonly string[];
}

/** Empty texts are not given. */
export interface Amounts {
  readonly cpu: string;
  readonly memory: string;
}

export function readScaffold(flags: ScaffoldFlags): Scaffold {
  const { from, autoscaler } = flags;
  const replicas = int32('-r, --replicas', flags.replicas);
  const max = int32('--max-replicas', flags.maxReplicas);
  const cpu = int32('--autoscaler-target-cpu-utilization', flags.autoscalerTargetCpuUtilization);
  const memory = int32('--autoscaler-target-memory-utilization', flags.autoscalerTargetMemoryUtilization);
  const variables = commaPairs('-v, --variable', flags.variable);
  const imagePullSecrets = commaList('-s, --image-pull-secret', flags.imagePullSecret);
  const components = commaList('--component', flags.component);
  if (from === undefined) {
    throw wrongScaffoldFlag('--from', 'required flag(s) "from" not set');
  }
  if (replicas < 0) {
    throw wrongScaffoldFlag('--replicas', `the minimum replica count (${replicas}) must be greater than 0`);
  }
  const last = lastPart(from);
  const limits = { cpu: flags.cpuLimit, memory: flags.memoryLimit };
  const scaled = readAutoscaler(autoscaler, { replicas, max, cpu, memory, limits });
  const requests = { cpu: flags.cpuRequest, memory: flags.memoryRequest };
  checkAmounts({
    'cpu-limit': limits.cpu,
    'cpu-request': requests.cpu,
    'memory-limit': limits.memory,
    'memory-request': requests.memory,
  });
  const name = flags.name ?? last;
  return {
    name,
    image: from,
    executor: flags.executor,
    replicas,
    autoscaler: scaled,
    azureIdentity: flags.azureIdentity ?? false,
    serviceAccountName: flags.serviceAccountName,
    variables,
    components,
    limits,
    requests,
    imagePullSecrets,
    warnings: warningsOf(name, replicas, variables, scaled !== undefined),
  };
}

function lastPart(image: string): string {
  try {
    return parseReference(image).repository.split('/').at(-1) ?? '';
  } catch (cause) {
    if (!(cause instanceof UserError)) {
      throw cause;
    }
    throw wrongScaffoldFlag('--from', `invalid image reference provided: '${image}'`, cause);
  }
}

interface Scaling {
  readonly replicas: number;
  readonly max: number;
  readonly cpu: number;
  readonly memory: number;
  readonly limits: Amounts;
}

function readAutoscaler(kind: string, { replicas, max, cpu, memory, limits }: Scaling): Scaffold['autoscaler'] {
  if (kind === '') {
    return undefined;
  }
  if (kind !== 'hpa' && kind !== 'keda') {
    throw wrongScaffoldFlag(
      '--autoscaler',
      `invalid autoscaler type '${kind}'; the autoscaler type must be either 'hpa' or 'keda'`,
    );
  }
  if (max < 0) {
    throw wrongScaffoldFlag('--max-replicas', `the maximum replica count (${max}) must be equal to or greater than 0`);
  }
  if (replicas > max) {
    throw wrongScaffoldFlag(
      '--max-replicas',
      `the minimum replica count (${replicas}) must be less than or equal to the maximum replica count (${max})`,
    );
  }
  for (const what of ['cpu', 'memory'] as const) {
    if (limits[what] === '') {
      throw wrongScaffoldFlag(`--${what}-limit`, `${what} limits must be set when autoscaling is enabled`);
    }
  }
  for (const [what, percent] of [
    ['cpu', cpu],
    ['memory', memory],
  ] as const) {
    if (percent < 1 || percent > 100) {
      throw wrongScaffoldFlag(
        `--autoscaler-target-${what}-utilization`,
        `target ${what} utilization percentage (${percent}) must be between 1 and 100`,
      );
    }
  }
  return { kind, max, cpu, memory };
}

/** As Go's strconv reads a flag: a sign and decimal digits, in 32 bits. */
function int32(flag: string, text: string): number {
  const wrong = (why: string): UserError =>
    wrongScaffoldFlag(
      flag,
      `invalid argument ${JSON.stringify(text)} for "${flag}" flag: strconv.ParseInt: parsing ${JSON.stringify(text)}: ${why}`,
    );
  if (!/^[+-]?\d+$/.test(text)) {
    throw wrong('invalid syntax');
  }
  const value = Number(text);
  if (value < -(2 ** 31) || value > 2 ** 31 - 1) {
    throw wrong('value out of range');
  }
  return value + 0;
}

/** What the definition of SpinApp asks of quantities; upstream writes anything. */
const QUANTITY = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?(?:\d+(?:\.\d*)?|\.\d+))?$/;

function checkAmounts(amounts: Readonly<Record<string, string>>): void {
  for (const [flag, text] of Object.entries(amounts)) {
    if (text !== '' && !QUANTITY.test(text)) {
      throw wrongScaffoldFlag(
        `--${flag}`,
        `${JSON.stringify(text)} is no quantity, such as 100m of CPU or 128Mi of memory`,
      );
    }
  }
}

/** RFC 1035: a Service gets the name. */
const NAME = /^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

function warningsOf(name: string, replicas: number, variables: Scaffold['variables'], isScaled: boolean): string[] {
  return [
    ...(NAME.test(name) ? [] : [`a cluster takes no app named ${JSON.stringify(name)}: give another one with --name`]),
    ...(replicas === 0
      ? [
          isScaled
            ? 'an autoscaler with a minimum of 0 needs the feature gate HPAScaleToZero, or KEDA with a trigger from outside'
            : 'a new app with 0 replicas is refused by the admission webhook',
        ]
      : []),
    ...variables.flatMap(([variable]) => {
      const problem = variableNameProblem(variable);
      return problem === undefined ? [] : [`the variable ${JSON.stringify(variable)}: ${problem}`];
    }),
  ];
}
