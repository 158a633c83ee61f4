import { readObjects, UserError } from '@spindle/api';
import { describe, expect, it } from 'vitest';
import { chooseApp } from './choose-app.ts';
import { planLocalRun, type LocalRun } from './local-run.ts';
import { readYaml } from './yaml-document.ts';

const FILE = '/apps/app.yaml';

interface Given {
  readonly app?: string;
  readonly variables?: readonly string[];
}

function plan(text: string, { app, variables = [] }: Given = {}): LocalRun {
  const objects = readObjects(readYaml(text, FILE));
  const options = { file: FILE, given: new Set(variables), hostname: 'here' };
  return planLocalRun(chooseApp(objects, app, FILE), objects, options);
}

function refusal(text: string, given?: Given): UserError {
  try {
    plan(text, given);
  } catch (error) {
    if (error instanceof UserError) {
      return error;
    }
    throw error;
  }
  throw new Error('expected a UserError');
}

/** `spec` is indented by two. */
const app = (spec: string, name = 'hello', more = ''): string => `---
apiVersion: core.spinkube.dev/v1alpha1
kind: SpinApp
metadata: {name: ${name}${more}}
spec:
  image: ghcr.io/example/hello:v1
  replicas: 1
${spec}
`;

const VALUES = `---
apiVersion: v1
kind: Secret
metadata: {name: db}
data: {password: Z2VoZWlt, bytes: /w==}
stringData: {runtime-config.toml: "state_dir = ''"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: texts}
data: {greeting: Hallo, url: https://db.example}
`;

describe('variables of a SpinApp', () => {
  it('become the environment that its container would have', () => {
    const { environment, warnings, ignored } = plan(
      app(`  serviceAccountName: robot
  podLabels: {tier: front}
  podAnnotations: {a.b/c: noted}
  resources: {limits: {memory: 100M, cpu: 1500m}}
  variables:
  - {name: plain, value: text}
  - {name: empty}
  - {name: joined, value: "$(SPIN_VARIABLE_PLAIN)-$(LATER)-$$(SPIN_VARIABLE_PLAIN)-$"}
  - {name: password, valueFrom: {secretKeyRef: {name: db, key: password}}}
  - {name: greeting, valueFrom: {configMapKeyRef: {name: texts, key: greeting}}}
  - {name: optional_key, valueFrom: {configMapKeyRef: {name: texts, key: none, optional: true}}}
  - {name: optional_object, valueFrom: {secretKeyRef: {name: none, key: none, optional: true}}}
  - {name: pod, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
  - {name: namespace, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
  - {name: account, valueFrom: {fieldRef: {fieldPath: spec.serviceAccountName}}}
  - {name: node, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
  - {name: ip, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
  - {name: tier, valueFrom: {fieldRef: {fieldPath: "metadata.labels['tier']"}}}
  - {name: ready, valueFrom: {fieldRef: {fieldPath: "metadata.labels['core.spinkube.dev/app.hello.status']"}}}
  - {name: annotation, valueFrom: {fieldRef: {fieldPath: "metadata.annotations['a.b/c']"}}}
  - {name: no_label, valueFrom: {fieldRef: {fieldPath: "metadata.labels['none']"}}}
  - {name: memory, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
  - {name: processors, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}`) + VALUES,
    );
    expect(environment).toEqual({
      SPIN_VARIABLE_PLAIN: 'text',
      SPIN_VARIABLE_EMPTY: '',
      SPIN_VARIABLE_JOINED: 'text-$(LATER)-$(SPIN_VARIABLE_PLAIN)-$',
      SPIN_VARIABLE_PASSWORD: 'geheim',
      SPIN_VARIABLE_GREETING: 'Hallo',
      SPIN_VARIABLE_POD: 'hello',
      SPIN_VARIABLE_NAMESPACE: 'default',
      SPIN_VARIABLE_ACCOUNT: 'robot',
      SPIN_VARIABLE_NODE: 'here',
      SPIN_VARIABLE_IP: '127.0.0.1',
      SPIN_VARIABLE_TIER: 'front',
      SPIN_VARIABLE_READY: 'ready',
      SPIN_VARIABLE_ANNOTATION: 'noted',
      SPIN_VARIABLE_NO_LABEL: '',
      SPIN_VARIABLE_MEMORY: '96',
      SPIN_VARIABLE_PROCESSORS: '2',
    });
    expect(warnings).toEqual([]);
    expect(ignored).toEqual(['spec.serviceAccountName', 'spec.resources.limits.cpu']);
  });

  it('that --variable gives need no source', () => {
    const spec = '  variables:\n  - {name: token, valueFrom: {secretKeyRef: {name: none, key: none}}}';
    expect(plan(app(spec), { variables: ['token'] }).environment).toEqual({});
  });

  it('with names that no component can read are told of', () => {
    expect(plan(app('  variables: [{name: log-level, value: x}]')).warnings).toEqual([
      expect.stringContaining('no component can read the variable "log-level"'),
    ]);
  });

  it.each([
    [
      'a Secret that is not there',
      'secretKeyRef: {name: none, key: a}',
      'the Secret "none" is not in the file',
      'Add the Secret to the file',
    ],
    [
      'a ConfigMap that is not there',
      'configMapKeyRef: {name: db, key: a}',
      'the ConfigMap "db" is not in the file',
      '--variable v=…',
    ],
    [
      'a key that is not there',
      'secretKeyRef: {name: db, key: pass}',
      'has no key "pass"',
      'Its keys are: "password", "bytes"',
    ],
    ['a key that is not text', 'secretKeyRef: {name: db, key: bytes}', 'is not text in UTF-8', 'Encode'],
    [
      'two sources',
      'secretKeyRef: {name: db, key: password}, fieldRef: {fieldPath: metadata.name}',
      'has 2 sources',
      'exactly one',
    ],
    ['no source', '', 'has 0 sources', 'exactly one'],
    [
      'a field of a cluster',
      'fieldRef: {fieldPath: metadata.uid}',
      'from metadata.uid, which there is only in a cluster',
      '--variable v=…',
    ],
    [
      'a resource that is not declared',
      'resourceFieldRef: {resource: limits.memory}',
      'limits.memory, which there is only',
      '--variable v=…',
    ],
    ['a file', 'fileKeyRef: {volumeName: a, path: b, key: c}', 'a file of a volume', '--variable v=…'],
  ])('cannot come from %s', (_what, source, message, remedy) => {
    const error = refusal(app(`  variables:\n  - name: v\n    valueFrom: {${source}}`) + VALUES);
    expect(error).toMatchObject({ code: 'SPK5031', place: { file: FILE, line: 10 } });
    expect([error.message, error.remedy]).toEqual([expect.stringContaining(message), expect.stringContaining(remedy)]);
    expect(error.place.field).toMatch(/^spec\.variables\[0\]\.valueFrom/);
  });

  it('cannot have a value and a source', () => {
    const error = refusal(app('  variables: [{name: v, value: x, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]'));
    expect(error.message).toContain('has a value and a valueFrom');
  });

  it('are looked up in the namespace of the app', () => {
    const spec = '  variables: [{name: v, valueFrom: {secretKeyRef: {name: db, key: password}}}]';
    const error = refusal(app(spec, 'hello', ', namespace: shop') + VALUES);
    expect(error.remedy).toBe('The file has one in the namespace "default"; the app is in "shop".');
    const there = VALUES.replaceAll('name: db}', 'name: db, namespace: shop}');
    expect(plan(app(spec, 'hello', ', namespace: shop') + there).environment).toEqual({ SPIN_VARIABLE_V: 'geheim' });
  });
});

describe('the runtime configuration of a SpinApp', () => {
  it('is the one that the operator writes, relative to the folder of the file', () => {
    const { runtimeConfig } = plan(
      app(`  runtimeConfig:
    keyValueStores:
    - {name: default, type: redis, options: [{name: url, valueFrom: {secretKeyRef: {name: db, key: password}}}]}
    sqliteDatabases:
    - {name: default, type: libsql, options: [{name: url, valueFrom: {configMapKeyRef: {name: texts, key: url}}}]}`) +
        VALUES,
    );
    expect(runtimeConfig).toEqual({
      file: '/apps/app.yaml#spec.runtimeConfig',
      text: `[[config_provider]]
type = 'env'
prefix = 'SPIN_VARIABLE_'

[key_value_store]
[key_value_store.default]
type = 'redis'
url = 'geheim'

[sqlite_database]
[sqlite_database.default]
type = 'libsql'
url = 'https://db.example'
`,
    });
  });

  it('is the file of a Secret, whatever else is written', () => {
    const spec = '  runtimeConfig: {loadFromSecret: db, keyValueStores: [{name: a, type: b}]}';
    expect(plan(app(spec) + VALUES).runtimeConfig).toEqual({
      file: '/apps/app.yaml#db:runtime-config.toml',
      text: "state_dir = ''",
    });
  });

  const STORE = '  runtimeConfig:\n    keyValueStores:\n';
  it.each([
    [
      'a Secret that is not there',
      '  runtimeConfig: {loadFromSecret: none}',
      'the Secret "none" is not in the file',
      'spec.runtimeConfig.loadFromSecret',
    ],
    [
      'a Secret without the file',
      '  runtimeConfig: {loadFromSecret: other}',
      'has no key "runtime-config.toml"',
      'spec.runtimeConfig.loadFromSecret',
    ],
    [
      'an option whose key is not there',
      `${STORE}    - {name: a, type: redis, options: [{name: url, valueFrom: {configMapKeyRef: {name: texts, key: uri}}}]}`,
      'the ConfigMap "texts" has no key "uri"',
      'spec.runtimeConfig.keyValueStores[0].options[0].valueFrom.configMapKeyRef',
    ],
    [
      'an option of a model whose Secret is not there',
      '  runtimeConfig: {llmCompute: {type: remote_http, options: [{name: t, valueFrom: {secretKeyRef: {name: lost, key: k}}}]}}',
      'the Secret "lost" is not in the file',
      'spec.runtimeConfig.llmCompute.options[0].valueFrom.secretKeyRef',
    ],
    [
      'two stores of one name',
      `${STORE}    - {name: a, type: spin}\n    - {name: b, type: spin}\n    - {name: a, type: spin}`,
      'duplicate definition for key value store with name: a',
      'spec.runtimeConfig.keyValueStores[2].name',
    ],
  ])('cannot have %s', (_what, spec, message, field) => {
    const other = '---\napiVersion: v1\nkind: Secret\nmetadata: {name: other}\n';
    const error = refusal(app(spec) + VALUES + other);
    expect([error.message, error.place.field]).toEqual([expect.stringContaining(message), field]);
  });
});

describe('limits of a SpinApp', () => {
  it.each([
    ['none', '', undefined, []],
    ['that of an invocation', '  invocationLimits: {memory: 40M}', 40_000_000, []],
    ['that of the container', '  resources: {limits: {memory: 64Mi}}', 67_108_864, []],
    [
      'the invocation before the container',
      '  invocationLimits: {memory: 1Mi}\n  resources: {limits: {memory: 1Gi}}',
      1_048_576,
      [],
    ],
    ['a request is none', '  resources: {requests: {memory: 1Gi}}', undefined, []],
    [
      'more than the container may have',
      '  invocationLimits: {memory: 1Gi}\n  resources: {limits: {memory: 64Mi}}',
      1_073_741_824,
      [expect.stringContaining('a cluster would refuse this SpinApp: invocationLimits.memory')],
    ],
  ])('of memory: %s', (_what, spec, memory, warnings) => {
    expect(plan(app(spec))).toMatchObject({ warnings, ...(memory === undefined ? {} : { instanceMemory: memory }) });
    expect('instanceMemory' in plan(app(spec))).toBe(memory !== undefined);
  });

  it('of memory must be amounts', () => {
    expect(refusal(app('  invocationLimits: {memory: lots}')).place.field).toBe('spec.invocationLimits.memory');
  });
});

describe('a SpinApp', () => {
  it('runs the components that it names, of the image that it names', () => {
    expect(plan(app('  components: [a, b]'))).toMatchObject({
      image: 'ghcr.io/example/hello:v1',
      components: ['a', 'b'],
      warnings: [],
      ignored: [],
    });
  });

  it('is told what of it has no effect here, and what a cluster would refuse', () => {
    const autoscaler = '---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: hpa}\n';
    const { ignored, warnings } = plan(
      app(`  enableAutoscaling: true
  checks: {liveness: {httpGet: {path: /}}}
  volumes: [{name: v, emptyDir: {}}]
  volumeMounts: [{name: v, mountPath: /v}]
  serviceAnnotations: {a: b}
  deploymentAnnotations: {}
  resources: {requests: {cpu: 1}}
  invocationLimits: {foo.dev/time: 30s}`) + autoscaler,
    );
    expect(ignored).toEqual([
      'spec.checks',
      'spec.enableAutoscaling',
      'spec.volumes',
      'spec.volumeMounts',
      'spec.serviceAnnotations',
      'spec.resources.requests.cpu',
      'spec.invocationLimits.foo.dev/time',
      'HorizontalPodAutoscaler/hpa',
    ]);
    expect(warnings).toEqual([expect.stringContaining('replicas cannot be set when autoscaling is enabled')]);
    const many = app('').replace('replicas: 1', 'replicas: 3');
    expect(plan(many).ignored).toEqual(['spec.replicas (one process serves, not 3)']);
    expect(plan(app('').replace('replicas: 1', 'replicas: 0')).warnings).toEqual([
      expect.stringContaining('spec.replicas must be > 0'),
    ]);
  });

  it.each([
    ['./spin.toml', 'spindle registry push'],
    ['file:///apps/hello', 'spindle registry push'],
    ['hello.wasm', 'spindle registry push'],
    ['Hello World', 'ghcr.io/me/hello:v1'],
    ['https://ghcr.io/me/hello', 'ghcr.io/me/hello:v1'],
  ])('must name an image, which %j is not', (image, remedy) => {
    const error = refusal(app('').replace('ghcr.io/example/hello:v1', image));
    expect([error.place.field, error.remedy]).toEqual(['spec.image', expect.stringContaining(remedy)]);
  });

  it('is chosen among several by its name, and by its namespace where that is not enough', () => {
    const two = app('', 'one') + app('', 'two');
    expect(plan(two, { app: 'two' }).image).toBeDefined();
    expect(refusal(two)).toMatchObject({ code: 'SPK5030', remedy: 'Choose one with --app: one, two.' });
    expect(refusal(two, { app: 'three' })).toMatchObject({
      code: 'SPK5030',
      remedy: 'Choose one with --app: one, two.',
    });
    const twins = app('', 'one', ', namespace: a') + app('', 'one', ', namespace: b');
    expect(refusal(twins, { app: 'one' }).remedy).toBe('Choose one with --app: a/one, b/one.');
    expect(plan(twins, { app: 'b/one' }).image).toBeDefined();
    expect(refusal(VALUES)).toMatchObject({ code: 'SPK5030', message: '/apps/app.yaml holds no SpinApp' });
  });
});

const pull = (data: string): string =>
  `---\napiVersion: v1\nkind: Secret\nmetadata: {name: pull}\nstringData: ${data}\n`;

describe('imagePullSecrets', () => {
  const spec = '  imagePullSecrets: [{name: pull}]';
  const auth = { auths: { 'ghcr.io': { username: 'me', password: 'geheim' } } };

  it.each([
    ['.dockerconfigjson', JSON.stringify(auth)],
    ['.dockercfg', JSON.stringify(auth.auths)],
  ])('log in to the registry: %s', async (key, text) => {
    const { pullSecrets } = plan(app(spec) + pull(JSON.stringify({ [key]: text })));
    expect(await pullSecrets[0]?.('ghcr.io')).toEqual({
      credentials: { kind: 'password', username: 'me', password: 'geheim', from: 'the Secret pull' },
      problems: [],
    });
    expect(await pullSecrets[0]?.('other.example')).toEqual({
      problems: ['the Secret pull: it has no login for other.example'],
    });
  });

  it('that are no JSON are a problem to tell of if the registry refuses', async () => {
    const { pullSecrets } = plan(app(spec) + pull('{.dockerconfigjson: geheim}'));
    expect(await pullSecrets[0]?.('ghcr.io')).toEqual({ problems: ['the Secret pull: it is not JSON'] });
  });

  it('that are not in the file leave the own logins', () => {
    expect(plan(app(spec))).toMatchObject({
      pullSecrets: [],
      warnings: [expect.stringContaining('"pull" of imagePullSecrets is not in the file; your own logins are used')],
    });
  });

  it('without a login are refused', () => {
    expect(refusal(app(spec) + pull('{a: b}')).message).toBe('the Secret "pull" holds no logins of registries');
  });
});
