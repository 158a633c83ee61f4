// What shall exist for a SpinApp.
export type { Rollout } from './conditions.ts';
export { CONFIG_HASH_ANNOTATION } from './config-hash.ts';
export { BUILT_IN_EXECUTOR, type Execution } from './executor.ts';
export type { DeploymentSeen, ObjectSeen, PlanInputs } from './inputs.ts';
export type * from './objects.ts';
export { oldSecrets, type SecretSeen } from './old-secrets.ts';
export { planSpinApp, type Plan } from './plan.ts';
export { problemText, type Problem } from './problem.ts';
export { referencesOf, type Reference, type ReferredKind } from './references.ts';
