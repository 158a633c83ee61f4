// The asynchronous part of the canonical ABI, as far as it needs no running guest: what can be waited for, streams and
// futures. Tasks and the built-ins are in link/.
export { StreamReader, FutureReader, FutureDropped } from './host-ends.ts';
