// What is wrong with a SpinApp by itself. Upstream accepts each of these and then fails without a word, or makes a
// Deployment whose pods cannot start (control-plane contract §1.5, §2.5, §3.3).
import { quantityValue, statusLabel, variableEnvironmentName, type SpinApp, type SpinVar } from '@spindle/api';
import type { Problem } from './problem.ts';

/** RFC 1035, which names of Services follow; names of containers and labels too. */
const DNS_LABEL = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** A label's name after its prefix may have so many characters (Kubernetes, labels and selectors). */
const MAX_LABEL_NAME = 63;

/** What an environment variable for an application variable may be named after (Spin's variable names). */
const VARIABLE_NAME = /^[a-zA-Z][a-zA-Z0-9]*(_[a-zA-Z0-9]+)*$/;
const DOUBLED_PREFIX = /^spin_variable_/i;

/** Names of volumes that the operator makes. */
const OWN_VOLUMES = ['spin-runtime-config', 'spin-ca', 'spin-work', 'spin-registry-logins'];
const OWN_PATHS = ['/runtime-config.toml', '/etc/ssl/certs/ca-certificates.crt'];

/** All problems, in the order of the spec. */
export function checkSpec({ metadata, spec }: SpinApp): Problem[] {
  return [
    ...checkName(metadata.name),
    ...checkProbes(spec.checks),
    ...(spec.variables ?? []).flatMap(checkVariable),
    ...checkVolumes(spec),
    ...checkInvocationLimits(spec.invocationLimits),
  ];
}

const wrong = (field: string, message: string): Problem[] => [
  { reason: 'SpecInvalid', field, message, kind: 'stalled' },
];

function checkName(name: string): Problem[] {
  if (!DNS_LABEL.test(name)) {
    return wrong(
      'metadata.name',
      `a Service cannot be named "${name}". Create the app with a name of at most 63 lower-case letters, digits and "-" that begins with a letter.`,
    );
  }
  const labelName = statusLabel(name).replace(/^.*\//, '');
  const most = name.length - (labelName.length - MAX_LABEL_NAME);
  return name.length <= most
    ? []
    : wrong(
        'metadata.name',
        `the name has ${name.length} characters, and a label is made of it that allows ${most}. Create the app with a shorter name.`,
      );
}

function checkProbes(checks: SpinApp['spec']['checks']): Problem[] {
  return (['readiness', 'liveness'] as const).flatMap((probe) =>
    checks?.[probe] === undefined || checks[probe].httpGet !== undefined
      ? []
      : wrong(`spec.checks.${probe}.httpGet`, 'the probe asks nothing. Give httpGet with a path, or remove the probe.'),
  );
}

function checkVariable({ name, value, valueFrom }: SpinVar, index: number): Problem[] {
  const at = `spec.variables[${index}]`;
  const problems: Problem[] = [];
  if (!VARIABLE_NAME.test(name)) {
    problems.push(
      ...wrong(
        `${at}.name`,
        `"${name}" is no name of a Spin variable. Use letters, digits and single "_" between them.`,
      ),
    );
  } else if (DOUBLED_PREFIX.test(name)) {
    problems.push(
      ...wrong(
        `${at}.name`,
        `"${name}" would become ${variableEnvironmentName(name)}. Leave the prefix out: it is added.`,
      ),
    );
  }
  if (value && valueFrom !== undefined) {
    problems.push(...wrong(`${at}.valueFrom`, 'the variable has a value too. Give value or valueFrom, not both.'));
  }
  return problems;
}

function checkVolumes({ volumes = [], volumeMounts = [] }: SpinApp['spec']): Problem[] {
  return [
    ...volumes.flatMap(({ name }, index) =>
      OWN_VOLUMES.includes(name)
        ? wrong(`spec.volumes[${index}].name`, `the operator has a volume "${name}" of its own. Choose another name.`)
        : [],
    ),
    ...volumeMounts.flatMap(({ mountPath }, index) =>
      OWN_PATHS.includes(mountPath)
        ? wrong(
            `spec.volumeMounts[${index}].mountPath`,
            `the operator mounts a file at ${mountPath}. Choose another path.`,
          )
        : [],
    ),
  ];
}

function checkInvocationLimits(limits: SpinApp['spec']['invocationLimits']): Problem[] {
  const memory = limits?.['memory'];
  return memory === undefined || (quantityValue(memory) ?? 0n) > 0n
    ? []
    : wrong(
        'spec.invocationLimits[memory]',
        `"${memory}" is no amount of memory. Give a quantity such as 128Mi or 1Gi.`,
      );
}
