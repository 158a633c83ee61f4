// ttrpc: what containerd and its shims speak (github.com/containerd/ttrpc).
export { createTtrpcClient, type TtrpcClient } from './client.ts';
export { createTtrpcServer, type ServerOptions } from './server.ts';
export { type CallContext, type Method, type Service, unary, unaryEmpty } from './service.ts';
export { CODE, isRpcError, RpcError, type StatusName } from './status.ts';
