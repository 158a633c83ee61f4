// Compiles core modules, in V8's own threads. A module is validated in full when it is new; what comes from the cache was,
// and V8 then looks at each function when it is first called, which saves most of the start of a large component.
import { setFlagsFromString } from 'node:v8';

/** V8 validates that much in 2 ms, which is what it takes to load the module that has its flags. */
const LITTLE_BYTES = 512 * 1024;

/** Of modules that V8 has found valid. Were one damaged since, the call of a function that is not valid would throw. */
export function compileValid(modules: readonly Uint8Array<ArrayBuffer>[]): Promise<WebAssembly.Module[]> {
  if (modules.reduce((sum, { length }) => sum + length, 0) > LITTLE_BYTES) {
    validateLazily(true);
  }
  return Promise.all(modules.map((bytes) => WebAssembly.compile(bytes)));
}

/** Why V8 does not take a module, without the name of the function that was called; undefined when it takes it. */
export function problemOf(bytes: Uint8Array): string | undefined {
  // Validates in full, whatever the flag says.
  if (WebAssembly.validate(bytes)) {
    return undefined;
  }
  validateLazily(false);
  try {
    Reflect.construct(WebAssembly.Module, [bytes]);
    return undefined;
  } catch (cause) {
    if (!(cause instanceof WebAssembly.CompileError)) {
      throw cause;
    }
    return cause.message.replace(/^WebAssembly\.\w+\(\): /, '');
  } finally {
    validateLazily(true);
  }
}

/** For the whole process. Once on it stays on: V8 ends the process when it finds a bad function with the flag off. */
const validateLazily = (on: boolean): void => setFlagsFromString(`--${on ? '' : 'no-'}wasm-lazy-validation`);
