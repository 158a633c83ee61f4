// The fake API server, as tests of this package and of others use it.
export { startFakeApiServer, type FakeApiServer, type FakeApiServerOptions } from './fake-api-server.ts';
export type { Fault, FaultHook, OpenWatch, SeenRequest, Verb } from './faults.ts';
