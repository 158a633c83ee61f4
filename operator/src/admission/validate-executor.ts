// Which SpinAppExecutors are refused (control-plane contract §3.3); the schema refuses them too, where it is ours.
import type { SpinAppExecutorSpec } from '@spindle/api';
import type { FieldError } from './field-error.ts';

export function validateExecutor({ createDeployment, deploymentConfig: config }: SpinAppExecutorSpec): FieldError[] {
  if (config === undefined) {
    return createDeployment
      ? [
          {
            field: 'spec.deploymentConfig',
            value: null,
            detail: 'deploymentConfig must be given when createDeployment is true',
          },
        ]
      : [];
  }
  const { runtimeClassName, spinImage, node } = config;
  const given = [runtimeClassName, spinImage, node].filter((way) => way !== undefined).length;
  const wrong = (detail: string): FieldError[] => [
    { field: 'spec.deploymentConfig.runtimeClassName', value: runtimeClassName, detail },
  ];
  if (given > 1) {
    return wrong('runtimeClassName and spinImage are mutually exclusive');
  }
  return given === 0 ? wrong('either runtimeClassName or spinImage must be set') : [];
}
