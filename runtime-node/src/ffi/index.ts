// Calls into the C library.
export { loadLibc, type Access, type Advice, type Libc } from './libc.ts';
