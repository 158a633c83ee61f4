// What shall exist for a SpinApp.
export { CONFIG_HASH_ANNOTATION } from './config-hash.ts';
export { executorStatusOf, namesOf } from './executor-status.ts';
export { executorNamed, type SharedExecutors } from './executor.ts';
export { isRolledOut } from './conditions.ts';
export type { DeploymentSeen, ObjectSeen, PlanInputs, PodsSeen } from './inputs.ts';
export type * from './objects.ts';
export { oldSecrets, type SecretSeen } from './old-secrets.ts';
export { planSpinApp, type Plan } from './plan.ts';
export { eventProblem, imageDigestOf, pinnedDigest, podProblem, silentPod, type PodSeen } from './pods.ts';
export { problemText, type Problem } from './problem.ts';
export { referencesOf, type ReferredKind } from './references.ts';
