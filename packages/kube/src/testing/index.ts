// For tests of whoever uses this package: an API server in memory, and a clock that stands still. Never for a running program.
export { FakeClock, settle } from './fake-clock.ts';
export {
  startFakeApiServer,
  type FakeApiServer,
  type FakeApiServerOptions,
  type Fault,
  type FaultHook,
  type OpenWatch,
  type SeenRequest,
  type Verb,
} from './fake-api-server/index.ts';
