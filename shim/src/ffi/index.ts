// Calls into the C library.
export { type Libc, loadLibc, type ProcessEnd } from './libc.ts';
