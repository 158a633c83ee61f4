// The schema of SpinAppExecutor: what SpinKube's accepts, and the executor of Spindle's own runtime image
// (control-plane contract §1.4).
import { conditions, OBSERVED_GENERATION } from './conditions-schema.ts';
import { boolean, object, string, type JsonSchema } from './json-schema.ts';

const DEPLOYMENT_CONFIG: JsonSchema = {
  ...object('How the pods of its apps are made. One of runtimeClassName, spinImage and node.', {
    runtimeClassName: string('RuntimeClass whose shim runs the application’s image.'),
    spinImage: string('Image with the command line of Spin, which fetches the application itself, without a login.'),
    node: object('Pods of Spindle’s runtime image, which fetches the application itself.', {
      image: string('The image; that of the operator’s release when it is not given.'),
    }),
    caCertSecret: string('Secret with the key ca-certificates.crt, mounted into the pods.'),
    installDefaultCACerts: boolean('Whether that Secret is made of Mozilla’s certificates where it does not exist.'),
    otel: object('Where telemetry is sent, by OTLP.', {
      exporter_otlp_endpoint: string('For all signals.'),
      exporter_otlp_traces_endpoint: string('For traces.'),
      exporter_otlp_metrics_endpoint: string('For metrics.'),
      exporter_otlp_logs_endpoint: string('For logs.'),
    }),
  }),
  'x-kubernetes-validations': [
    {
      rule: '(has(self.runtimeClassName) ? 1 : 0) + (has(self.spinImage) ? 1 : 0) + (has(self.node) ? 1 : 0) <= 1',
      message: 'runtimeClassName and spinImage are mutually exclusive',
      fieldPath: '.runtimeClassName',
      reason: 'FieldValueInvalid',
    },
    {
      rule: 'has(self.runtimeClassName) || has(self.spinImage) || has(self.node)',
      message: 'either runtimeClassName or spinImage must be set',
      fieldPath: '.runtimeClassName',
      reason: 'FieldValueInvalid',
    },
  ],
};

const SPEC: JsonSchema = {
  ...object(
    'How apps are run.',
    {
      createDeployment: boolean('Whether the operator makes a Deployment; otherwise somebody else runs the app.'),
      deploymentConfig: DEPLOYMENT_CONFIG,
    },
    ['createDeployment'],
  ),
  'x-kubernetes-validations': [
    {
      rule: '!self.createDeployment || has(self.deploymentConfig)',
      message: 'deploymentConfig must be given when createDeployment is true',
      fieldPath: '.deploymentConfig',
      reason: 'FieldValueRequired',
    },
  ],
};

export const SPIN_APP_EXECUTOR_SCHEMA: JsonSchema = object('A way to run SpinApps of its namespace.', {
  apiVersion: string('core.spinkube.dev/v1alpha1'),
  kind: string('SpinAppExecutor'),
  metadata: { type: 'object' },
  spec: SPEC,
  status: object('What became of it.', {
    observedGeneration: OBSERVED_GENERATION,
    conditions: conditions('Ready; Terminating while apps keep it from being deleted.'),
  }),
});
