// ttrpc: what containerd and its shims speak (github.com/containerd/ttrpc).
export { createTtrpcClient, type TtrpcClient } from './client.ts';
export { createTtrpcServer } from './server.ts';
export { type Service, unary, unaryEmpty } from './service.ts';
export { CODE, isRpcError, RpcError } from './status.ts';
