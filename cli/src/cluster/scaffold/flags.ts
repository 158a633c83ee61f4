// What the flags of `scaffold` say, as texts.

export interface ScaffoldFlags {
  readonly from?: string;
  readonly out?: string;
  readonly name?: string;
  readonly replicas: string;
  readonly maxReplicas: string;
  readonly executor: string;
  readonly autoscaler: string;
  readonly autoscalerTargetCpuUtilization: string;
  readonly autoscalerTargetMemoryUtilization: string;
  readonly cpuLimit: string;
  readonly cpuRequest: string;
  readonly memoryLimit: string;
  readonly memoryRequest: string;
  readonly azureIdentity?: boolean;
  readonly serviceAccountName: string;
  readonly runtimeConfigFile: string;
  readonly imagePullSecret?: string[];
  readonly variable?: string[];
  readonly component?: string[];
}
