// The Kubernetes objects that a plan holds: as much of their types as the operator writes.
import type { Quantity, VariableSource, Volume, VolumeMount } from '@spindle/api';

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
}

export interface DeploymentObject {
  readonly apiVersion: 'apps/v1';
  readonly kind: 'Deployment';
  readonly metadata: Metadata;
  readonly spec: {
    readonly replicas?: number;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: PodTemplate;
  };
}

export interface PodTemplate {
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: PodSpec;
}

export interface PodSpec {
  readonly runtimeClassName?: string;
  readonly serviceAccountName: string;
  readonly imagePullSecrets?: readonly { readonly name: string }[];
  readonly containers: readonly Container[];
  readonly volumes: readonly Volume[];
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly terminationGracePeriodSeconds?: number;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly env: readonly EnvironmentVariable[];
  readonly volumeMounts: readonly VolumeMount[];
  readonly resources?: {
    readonly limits?: Readonly<Record<string, Quantity>>;
    readonly requests?: Readonly<Record<string, Quantity>>;
  };
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly startupProbe?: Probe;
  readonly terminationMessagePolicy?: 'FallbackToLogsOnError';
  readonly lifecycle?: Readonly<Record<string, unknown>>;
  readonly securityContext?: Readonly<Record<string, unknown>>;
}

export interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: VariableSource;
}

export interface Probe {
  readonly httpGet: {
    readonly path: string;
    readonly port: number;
    readonly httpHeaders?: readonly { readonly name: string; readonly value: string }[];
  };
  readonly initialDelaySeconds?: number;
  readonly timeoutSeconds?: number;
  readonly periodSeconds?: number;
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
}

export interface ServiceObject {
  readonly apiVersion: 'v1';
  readonly kind: 'Service';
  readonly metadata: Metadata;
  readonly spec: {
    readonly type: 'ClusterIP';
    readonly ports: readonly {
      readonly protocol: 'TCP';
      readonly port: number;
      readonly targetPort: string;
    }[];
    readonly selector: Readonly<Record<string, string>>;
  };
}

export interface SecretObject {
  readonly apiVersion: 'v1';
  readonly kind: 'Secret';
  readonly metadata: Metadata;
  readonly data: Readonly<Record<string, string>>;
}
