// The Kubernetes watch and apply layer: knows nothing of Spin.
export { systemClock, type Clock } from './clock.ts';
export type { RequestObserver, RequestReport } from './metrics.ts';
export type * from './transport/types.ts';
export {
  ApiError,
  isAlreadyExists,
  isConflict,
  isExpired,
  isNotFound,
  TransportError,
  type Retry,
  type StatusCause,
  type TransportFailure,
} from './transport/errors.ts';
export { apiErrorOf } from './transport/status.ts';
export { apiVersionOf, collectionPath, objectPath, resource } from './client/resource.ts';
export type {
  KubeObject,
  ManagedFields,
  ObjectMeta,
  ObjectName,
  OwnerReference,
  ResourceType,
} from './client/resource.ts';
export type * from './client/types.ts';
export type { ClusterAccess, CredentialHeaders, TlsIdentity } from './transport/access.ts';
export { createTransport, type TransportOptions } from './transport/http-transport.ts';
export { createClient, type ClientOptions } from './client/kube-client.ts';
export { kubeconfigContexts, loadClusterAccess, type LoadOptions } from './config/load.ts';
export { inClusterAccess, type InClusterOptions } from './config/in-cluster.ts';
export type { EventObserver, LeaderObserver } from './metrics.ts';
export { LEASES, type Lease } from './lease/lease.ts';
export { startElector, type Elector, type ElectorOptions } from './lease/elector.ts';
export { NotLeader, type Leadership } from './lease/leadership.ts';
export { fencedTransport } from './lease/fence.ts';
export { createEventRecorder, type EventRecorder, type RecorderOptions } from './events/recorder.ts';
export type { ObjectReference, Occurrence } from './events/event.ts';
export type { Reporter } from './events/journal.ts';
export type { Observed } from './watch/event.ts';
export type { WatchObserver } from './watch/observer.ts';
export { createInformer, type Informer, type InformerOptions } from './watch/informer.ts';
export { Store, type ObjectStore, type StoreEvent, type StoreOptions } from './store/store.ts';
export { keyOf } from './store/key.ts';
export {
  after,
  done,
  type ControllerObserver,
  type Outcome,
  type Priority,
  type QueueKey,
  type Reconcile,
  type WorkContext,
  type WorkReport,
} from './queue/types.ts';
export { Controller, type ControllerOptions } from './queue/controller.ts';
export { Expectations } from './queue/expectations.ts';
export { createShutdown, type ShutdownReport, type ShutdownStep } from './queue/shutdown.ts';
export { BadLine } from './watch/event.ts';
export type { IndexFunctions } from './store/indexes.ts';
export type { StoreHandler } from './store/store.ts';
export type { ExpectationsOptions } from './queue/expectations.ts';
export { WorkTimeout } from './queue/failure.ts';
export type { ShutdownOptions } from './queue/shutdown.ts';
export type { WorkResult } from './queue/types.ts';
export { openPortForward, type PortForwardTarget } from './port-forward/port-forward.ts';
