// What shall exist for a SpinApp, as a value: pure, so that every case can be tested, and a crash between two writes is
// mended by planning again (control-plane contract §2).
import type { SpinAppSpec, SpinAppStatus } from '@spindle/api';
import { checkSpec } from './check-spec.ts';
import { chooseExecutor, type Chosen } from './choose-executor.ts';
import { configHash, missingReferences } from './config-values.ts';
import { isRolledOut } from './conditions.ts';
import { deploymentOf } from './deployment.ts';
import type { DeploymentSeen, ObjectSeen, PlanInputs } from './inputs.ts';
import type { DeploymentObject, SecretObject, ServiceObject } from './objects.ts';
import { oldSecrets, type SecretSeen } from './old-secrets.ts';
import type { Owner } from './owner.ts';
import { rolloutProblem } from './pods.ts';
import type { Problem } from './problem.ts';
import { referencesOf } from './references.ts';
import { runtimeConfigSecret } from './runtime-config-secret.ts';
import { serviceOf } from './service.ts';
import { statusOf } from './status.ts';

export interface Plan {
  /** Created where it does not exist; what its name says is its content. */
  readonly secret: SecretObject | undefined;
  /** Name of the Secret with certificates that is to be made where it does not exist. */
  readonly caSecret: string | undefined;
  /** Applied when it differs from what was applied last. */
  readonly deployment: DeploymentObject | undefined;
  readonly service: ServiceObject | undefined;
  /** To be kept while the number of pods becomes somebody else's: what nobody owns would become 1. */
  readonly handOverReplicas: number | undefined;
  /** The Deployment of an app that somebody else runs now. */
  readonly deleteDeployment: ObjectSeen | undefined;
  readonly deleteSecrets: readonly SecretSeen[];
  /** The first one is in the status; each is an event. */
  readonly problems: readonly Problem[];
  readonly status: SpinAppStatus;
}

export function planSpinApp(inputs: PlanInputs): Plan {
  const { app, deployment, service } = inputs;
  const owner = ownerOf(inputs);
  const chosen = chooseExecutor(app.spec.executor, inputs.executors, inputs.sharedExecutors, inputs.runtimeImage);
  const references = referencesOf(app.spec);
  const secret = runtimeConfigSecret(owner, app.spec, (kind, name, key) => inputs.values(kind, name)?.[key]);
  const missing = missingReferences(references, inputs.values);
  const problems = [
    ...checkSpec(app),
    ...('reason' in chosen ? [chosen] : []),
    ...(secret !== undefined && 'reason' in secret ? [secret] : []),
    ...missing.problems,
    ...foreignObjects(owner, inputs, chosen),
    ...(inputs.refused === undefined ? [] : [inputs.refused]),
  ];
  const executor = 'reason' in chosen ? (app.spec.executor ?? '') : chosen.name;
  const external = !('reason' in chosen) && chosen.execution.by === 'others';
  const ownDeployment = deployment !== undefined && isOurs(owner, deployment) ? deployment : undefined;
  const ownService = service !== undefined && isOurs(owner, service);
  const hints = [...missing.hints, ...hintsOfPods(ownDeployment, inputs)];
  const status = statusOf({
    owner,
    executor,
    generation: app.metadata.generation ?? 0,
    problem: problems[0],
    hint: hints[0],
    rollout: ownDeployment?.rollout,
    external,
    suspended: app.spec.suspend ?? false,
    before: app.status?.conditions ?? [],
    now: inputs.now,
    imageDigest: external ? undefined : (inputs.pods ?? app.status)?.imageDigest,
    deploymentName: ownDeployment === undefined ? undefined : owner.name,
    serviceName: ownService ? owner.name : undefined,
  });
  const nothing: Plan = {
    secret: undefined,
    caSecret: undefined,
    deployment: undefined,
    service: undefined,
    handOverReplicas: undefined,
    deleteDeployment: undefined,
    deleteSecrets: [],
    problems: [...problems, ...hints],
    status,
  };
  // What runs goes on to run while a problem lasts.
  if (problems.length > 0 || 'reason' in chosen || (secret !== undefined && 'reason' in secret)) {
    return nothing;
  }
  const plannedService = serviceOf(owner, app.spec);
  if (chosen.execution.by === 'others') {
    return { ...nothing, service: plannedService, deleteDeployment: ownDeployment };
  }
  const { common } = chosen.execution;
  const { caSecret } = common;
  return {
    ...nothing,
    secret,
    caSecret: common.installCaSecret && caSecret !== undefined && !inputs.hasSecret(caSecret) ? caSecret : undefined,
    deployment: deploymentOf({
      owner,
      spec: app.spec,
      execution: chosen.execution,
      runtimeConfigSecret: secret?.metadata.name ?? app.spec.runtimeConfig?.loadFromSecret ?? '',
      configHash: configHash(references, inputs.values),
      seen: deployment?.hashes ?? { onDeployment: undefined, onTemplate: undefined },
    }),
    service: plannedService,
    handOverReplicas: handOver(app.spec, ownDeployment),
    deleteSecrets: collectable(owner, inputs, secret?.metadata.name),
  };
}

/** After a suspension 1: from 0 an autoscaler would not go on. */
const handOver = (
  { enableAutoscaling = false, suspend = false }: SpinAppSpec,
  own: DeploymentSeen | undefined,
): number | undefined => (enableAutoscaling && !suspend && own?.ownsReplicas === true ? own.replicas || 1 : undefined);

/** While pods of an earlier template serve, those of the newest may not start. */
function hintsOfPods(own: DeploymentSeen | undefined, { pods }: PlanInputs): Problem[] {
  if (own === undefined || isRolledOut(own.rollout)) {
    return [];
  }
  const [problem] = [rolloutProblem(own.rollout), pods?.problem].filter((one) => one !== undefined);
  return problem === undefined ? [] : [problem];
}

const ownerOf = ({ app: { metadata } }: PlanInputs): Owner => ({
  name: metadata.name,
  namespace: metadata.namespace ?? 'default',
  uid: metadata.uid ?? '',
});

/** Secrets may still be needed until the new pods have replaced the old ones. */
function collectable(
  owner: Owner,
  { secrets, mountedSecrets: mounted, deployment }: PlanInputs,
  current: string | undefined,
): SecretSeen[] {
  const settled = deployment !== undefined && deployment.rollout.observed;
  return mounted === undefined || !settled ? [] : oldSecrets({ owner, secrets, mounted, current });
}

/** Ours are also those that lost their owner and kept the label: the app may be taken up again after an orphaning deletion. */
const isOurs = (owner: Owner, { controller, appName }: ObjectSeen): boolean =>
  controller === owner.uid || (controller === undefined && appName === owner.name);

/** Upstream takes over whatever has the name, by force. */
function foreignObjects(owner: Owner, { deployment, service }: PlanInputs, chosen: Chosen | Problem): Problem[] {
  const needsDeployment = 'execution' in chosen && chosen.execution.by !== 'others';
  const foreign = (kind: 'Deployment' | 'Service', seen: ObjectSeen | undefined): Problem[] =>
    seen === undefined || isOurs(owner, seen)
      ? []
      : [
          {
            reason: `${kind}Conflict` as const,
            field: 'metadata.name',
            message: `a ${kind} "${owner.name}" exists that does not belong to the app. Delete it, or create the app with another name.`,
            kind: 'stalled' as const,
          },
        ];
  return [...(needsDeployment ? foreign('Deployment', deployment) : []), ...foreign('Service', service)];
}
