// SpinApp and SpinAppExecutor of core.spinkube.dev/v1alpha1, and as much of core/v1 as they refer to. The shapes are
// those that the API server stores (control-plane contract §1.2–1.4): a field more or less is another API.

/** Of metav1.ObjectMeta, what somebody reads here; other fields are kept as they are. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly deletionTimestamp?: string;
  readonly finalizers?: readonly string[];
}

interface KubernetesObject<Kind extends string, Version extends string> {
  readonly apiVersion: Version;
  readonly kind: Kind;
  readonly metadata: ObjectMeta;
}

export interface SpinApp extends KubernetesObject<'SpinApp', 'core.spinkube.dev/v1alpha1'> {
  readonly spec: SpinAppSpec;
  readonly status?: SpinAppStatus;
}

export interface SpinAppSpec {
  /** Name of a SpinAppExecutor of the same namespace; the admission webhook fills it in. */
  readonly executor?: string;
  /** OCI reference of the app. */
  readonly image: string;
  readonly imagePullSecrets?: readonly LocalObjectReference[];
  readonly checks?: HealthChecks;
  readonly replicas?: number;
  readonly enableAutoscaling?: boolean;
  /** No pods, whatever says how many there shall be. SpinKube's operator does not know it. */
  readonly suspend?: boolean;
  readonly runtimeConfig?: RuntimeConfig;
  readonly volumes?: readonly Volume[];
  readonly volumeMounts?: readonly VolumeMount[];
  readonly variables?: readonly SpinVar[];
  readonly serviceAnnotations?: Readonly<Record<string, string>>;
  readonly deploymentAnnotations?: Readonly<Record<string, string>>;
  readonly podAnnotations?: Readonly<Record<string, string>>;
  readonly podLabels?: Readonly<Record<string, string>>;
  readonly resources?: Resources;
  /** Ids of the components to run; all when absent. */
  readonly components?: readonly string[];
  readonly serviceAccountName?: string;
  /** Only the key `memory` means something. */
  readonly invocationLimits?: Readonly<Record<string, string>>;
}

export interface SpinAppStatus {
  /** Generation of the spec that the status speaks of. */
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
  /** Equals spec.executor. */
  readonly activeScheduler?: string;
  readonly replicas?: number;
  readonly readyReplicas: number;
  /** Selector of the pods, for the scale subresource. */
  readonly selector?: string;
  readonly deploymentName?: string;
  readonly serviceName?: string;
  readonly url?: string;
  /** Of the image that the pods of the last complete rollout run. */
  readonly imageDigest?: string;
  readonly lastError?: string;
}

/** Of metav1.Condition. */
export interface Condition {
  /** Of an app `Ready`, `Progressing`, `Available` or `Stalled`; of an executor `Ready` or `Terminating`. */
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

export interface SpinAppExecutor extends KubernetesObject<'SpinAppExecutor', 'core.spinkube.dev/v1alpha1'> {
  readonly spec: SpinAppExecutorSpec;
  readonly status?: SpinAppExecutorStatus;
}

export interface SpinAppExecutorStatus {
  /** Generation of the spec that the status speaks of. */
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
}

export interface SpinAppExecutorSpec {
  /** Whether the operator makes a Deployment; otherwise somebody else runs the app. */
  readonly createDeployment: boolean;
  readonly deploymentConfig?: ExecutorDeploymentConfig;
}

/** Exactly one of runtimeClassName, spinImage and node. */
export interface ExecutorDeploymentConfig {
  readonly runtimeClassName?: string;
  /** Image with the command line, which then fetches the app itself. */
  readonly spinImage?: string;
  /** Spindle's own runtime image, or another one of it. */
  readonly node?: { readonly image?: string };
  /** Secret with the key `ca-certificates.crt`. */
  readonly caCertSecret?: string;
  readonly installDefaultCACerts?: boolean;
  readonly otel?: OtelConfig;
}

/** The keys are written so in the resource too. */
export interface OtelConfig {
  readonly exporter_otlp_endpoint?: string;
  readonly exporter_otlp_traces_endpoint?: string;
  readonly exporter_otlp_metrics_endpoint?: string;
  readonly exporter_otlp_logs_endpoint?: string;
}

export interface LocalObjectReference {
  readonly name: string;
}

export interface HealthChecks {
  readonly readiness?: HealthProbe;
  readonly liveness?: HealthProbe;
}

/** The numbers have defaults, which the API server writes: 10, 1, 10, 1 and 3. */
export interface HealthProbe {
  readonly httpGet?: HttpGetProbe;
  readonly initialDelaySeconds?: number;
  readonly timeoutSeconds?: number;
  readonly periodSeconds?: number;
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
}

export interface HttpGetProbe {
  readonly path: string;
  readonly httpHeaders?: readonly { readonly name: string; readonly value: string }[];
}

export interface RuntimeConfig {
  /** Secret with the key `runtime-config.toml`; the other fields then mean nothing. */
  readonly loadFromSecret?: string;
  readonly sqliteDatabases?: readonly NamedStore[];
  readonly keyValueStores?: readonly NamedStore[];
  readonly llmCompute?: LlmCompute;
}

export interface LlmCompute {
  readonly type: string;
  readonly options?: readonly RuntimeConfigOption[];
}

export interface NamedStore extends LlmCompute {
  readonly name: string;
}

/** `value` comes first, unless it is empty. */
export interface RuntimeConfigOption {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: OptionSource;
}

export interface OptionSource {
  readonly configMapKeyRef?: KeyReference;
  readonly secretKeyRef?: KeyReference;
}

/** One key of a ConfigMap or Secret of the same namespace. */
export interface KeyReference {
  readonly name: string;
  readonly key: string;
  readonly optional?: boolean;
}

export interface SpinVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: VariableSource;
}

/** core/v1 EnvVarSource; one of them. */
export interface VariableSource extends OptionSource {
  readonly fieldRef?: { readonly fieldPath: string; readonly apiVersion?: string };
  readonly resourceFieldRef?: {
    readonly resource: string;
    readonly containerName?: string;
    readonly divisor?: Quantity;
  };
  readonly fileKeyRef?: {
    readonly volumeName: string;
    readonly path: string;
    readonly key: string;
    readonly optional?: boolean;
  };
}

/** `128Mi`, `0.5`, or a number. */
export type Quantity = string | number;

export interface Resources {
  readonly limits?: Readonly<Record<string, Quantity>>;
  readonly requests?: Readonly<Record<string, Quantity>>;
}

/** core/v1 Volume: copied to the pod as it is. */
export interface Volume {
  readonly name: string;
  readonly [source: string]: unknown;
}

/** core/v1 VolumeMount: copied to the container as it is. */
export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly [field: string]: unknown;
}

export interface Secret extends KubernetesObject<'Secret', 'v1'> {
  readonly type?: string;
  /** In base64. */
  readonly data?: Readonly<Record<string, string>>;
  /** What the API server puts into `data`, over what is there. */
  readonly stringData?: Readonly<Record<string, string>>;
  readonly immutable?: boolean;
}

export interface ConfigMap extends KubernetesObject<'ConfigMap', 'v1'> {
  readonly data?: Readonly<Record<string, string>>;
  /** In base64. No option and no variable can come from here. */
  readonly binaryData?: Readonly<Record<string, string>>;
  readonly immutable?: boolean;
}
