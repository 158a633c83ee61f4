// Registry client: references, authentication, pull, push and the shared content cache.
export { login, type LoginOptions, type LoginOutcome } from './auth/login.ts';
export {
  anonymous,
  type CredentialLookup,
  type Credentials,
  type CredentialSource,
  firstOf,
} from './auth/credentials.ts';
export { dockerConfigText } from './auth/docker-config.ts';
export { storedCredentials } from './auth/stored-credentials.ts';
export { type PathEnvironment, type StandardPaths, standardPaths } from './paths.ts';
export { type ContentKind, ContentCache, type StoredContent } from './cache/content-cache.ts';
export type { Expected } from './digest.ts';
export { readArchive } from './layers/archive-reader.ts';
export { formatReference, parseReference, type Reference } from './reference.ts';
export type { RetryPolicy } from './registry/retry.ts';
export { listTags } from './registry/tags.ts';
export type { Transport } from './registry/transport.ts';
export { type PlanPushOptions, planPush, type PushPlan } from './spin-artefact/plan-push.ts';
export { inspectApp } from './spin-artefact/inspect.ts';
export { pullApp } from './spin-artefact/pull.ts';
export { pushApp, type PushOptions } from './spin-artefact/push.ts';
export type { LocalFile, MountedFile, PushContent } from './spin-artefact/push-content.ts';
export { readPushContent } from './spin-artefact/read-push-content.ts';
export type * from './types.ts';
