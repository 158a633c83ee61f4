// What a SpinAppExecutor asks for, told apart once: each kind has exactly what it needs (control-plane contract §1.4, §2.3).
import type { ExecutorDeploymentConfig, OtelConfig, SpinAppExecutor, SpinAppExecutorSpec } from '@spindle/api';

/** How the pods of an app come about. */
export type Execution =
  | { readonly by: 'shim'; readonly runtimeClassName: string; readonly common: PodConfig }
  /** An image with Spin's command line, which fetches the app itself. */
  | { readonly by: 'spin-image'; readonly image: string; readonly common: PodConfig }
  /** Spindle's own runtime image. */
  | { readonly by: 'node'; readonly image: string; readonly common: PodConfig }
  /** Somebody else makes pods with the label that the Service selects. */
  | { readonly by: 'others' };

export interface PodConfig {
  readonly caSecret: string | undefined;
  /** Whether the operator makes that Secret where it does not exist. */
  readonly installCaSecret: boolean;
  readonly otel: OtelConfig;
}

/** Name of the Secret with certificates when the executor gives none. */
const DEFAULT_CA_SECRET = 'spin-ca';

/** Executors that every namespace has, by name. One of the namespace itself goes first. */
export type SharedExecutors = ReadonlyMap<string, SpinAppExecutorSpec>;

/** The shared executor that there always is: that of an app which names none in a namespace that has none. */
export const BUILT_IN_EXECUTOR = 'node';
const BUILT_IN: SpinAppExecutorSpec = { createDeployment: true, deploymentConfig: { node: {} } };

/** `own` are those of the app's namespace. */
export const executorNamed = (
  name: string,
  own: readonly SpinAppExecutor[],
  shared: SharedExecutors,
): SpinAppExecutorSpec | undefined =>
  own.find(({ metadata }) => metadata.name === name)?.spec ??
  shared.get(name) ??
  (name === BUILT_IN_EXECUTOR ? BUILT_IN : undefined);

/** Undefined when the executor says that there shall be a Deployment, and not which. */
export function executionOf(spec: SpinAppExecutorSpec, runtimeImage: string): Execution | undefined {
  if (!spec.createDeployment) {
    return { by: 'others' };
  }
  const config = spec.deploymentConfig;
  if (config === undefined) {
    return undefined;
  }
  const common = podConfig(config);
  // The same order as upstream's, for objects from before the schema refused two of them.
  if (config.runtimeClassName !== undefined) {
    return { by: 'shim', runtimeClassName: config.runtimeClassName, common };
  }
  if (config.spinImage !== undefined) {
    return { by: 'spin-image', image: config.spinImage, common };
  }
  return config.node === undefined ? undefined : { by: 'node', image: config.node.image ?? runtimeImage, common };
}

function podConfig({ caCertSecret, installDefaultCACerts = false, otel = {} }: ExecutorDeploymentConfig): PodConfig {
  const given = caCertSecret === '' ? undefined : caCertSecret;
  return {
    caSecret: given ?? (installDefaultCACerts ? DEFAULT_CA_SECRET : undefined),
    installCaSecret: installDefaultCACerts,
    otel,
  };
}
