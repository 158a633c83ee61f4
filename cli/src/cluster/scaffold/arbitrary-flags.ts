// Random command lines of `scaffold`, most of them sensible, for tests: each with the texts that it is to write.
import * as fc from 'fast-check';

export interface GivenFlags {
  readonly args: readonly string[];
  readonly executor: string | undefined;
  readonly serviceAccountName: string | undefined;
  readonly variables: readonly (readonly [string, string])[];
  readonly components: readonly string[];
  readonly pullSecrets: readonly string[];
  readonly quantities: Readonly<Record<string, string>>;
}

/** What YAML takes for something else, and what has broken writers of it. */
const AWKWARD = [
  '',
  ' ',
  'yes',
  'No',
  'on',
  'y',
  'null',
  '~',
  'true',
  '1',
  '0x1f',
  '0o17',
  '017',
  '1e3',
  '.5',
  '1_000',
  '12:30',
  '2001-01-01',
  'a: b',
  'a:b',
  '- a',
  '-',
  '?',
  '#',
  'x #y',
  'x#y',
  '&a',
  '*a',
  '!a',
  '|',
  '>',
  '%a',
  '@a',
  '`a`',
  '[a',
  '{a',
  'a]',
  ',',
  '<<',
  '=',
  '"',
  "'",
  '"a"',
  'a"b',
  'back\\slash',
  'tab\tin',
  'line\nbreak',
  'cr\r',
  ' lead',
  'trail ',
  'ü',
  '😀',
  '\u0085',
  '\u2028',
  '\uFEFF',
  '\u007F',
  '---',
  '...',
  'a\n---\nb',
];

const text = fc.oneof(
  fc.constantFrom(...AWKWARD),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ maxLength: 12 }),
);

/** The command line ends an argument at NUL. */
const argument = text.map((value) => value.replaceAll('\0', ''));

/** As whoever writes a list has to write it. */
const listed = (value: string): string => `"${value.replaceAll('"', '""')}"`;

const quantity = fc.constantFrom(
  '1',
  '0',
  '0.5',
  '.5',
  '1.',
  '100m',
  '128Mi',
  '1Gi',
  '1e3',
  '5E',
  '007',
  '+1',
  '-1',
  '12345678901234567890',
  'abc',
  '1 Gi',
  '',
);
const executor = fc.option(argument, { nil: undefined });
const variables = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/), argument), {
  maxLength: 3,
  selector: ([name]) => name,
});
// An empty line of a list gives no element.
const names = fc.array(
  argument.filter((value) => value !== ''),
  { maxLength: 2 },
);

export const scaffoldFlags: fc.Arbitrary<GivenFlags> = fc
  .record({
    image: fc.constantFrom(
      'ghcr.io/foo/example-app:v0.1.0',
      'nginx',
      'ghcr.io/a/123',
      'a.example/true',
      'a.example/x_y@sha256:' + 'a'.repeat(64),
    ),
    replicas: fc.integer({ min: -1, max: 5 }),
    autoscaler: fc.constantFrom('', '', 'hpa', 'keda'),
    executor,
    serviceAccountName: executor,
    variables,
    components: names,
    pullSecrets: names,
    quantities: fc.record(
      { 'cpu-limit': quantity, 'memory-limit': quantity, 'cpu-request': quantity, 'memory-request': quantity },
      { requiredKeys: [] },
    ),
    azure: fc.boolean(),
  })
  .map(({ image, replicas, autoscaler, azure, ...given }) => ({
    ...given,
    args: [
      `--from=${image}`,
      `--replicas=${replicas}`,
      ...(autoscaler === '' ? [] : [`--autoscaler=${autoscaler}`]),
      ...(azure ? ['--azure-identity'] : []),
      ...(given.executor === undefined ? [] : [`--executor=${given.executor}`]),
      ...(given.serviceAccountName === undefined ? [] : [`--service-account-name=${given.serviceAccountName}`]),
      ...given.variables.map(([name, value]) => `--variable=${pair(name, value)}`),
      ...given.components.map((value) => `--component=${listed(value)}`),
      ...given.pullSecrets.map((value) => `--image-pull-secret=${listed(value)}`),
      ...Object.entries(given.quantities).map(([flag, value]) => `--${flag}=${value}`),
    ],
  }));

/** One "=" and the text is taken as it is but for quotes round it; more and it is a list. */
const pair = (name: string, value: string): string =>
  value.includes('=') || /^"|"$/.test(value)
    ? `${listed(`${name}=${value}`)},"${name}=${value.replaceAll('"', '""')}"`
    : `${name}=${value}`;
