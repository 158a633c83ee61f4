// The smallest HTTP handlers there are, written by hand: what they do is the body of a core function, and none answers.
import { parse } from '@bytecodealliance/jco';

/** A component whose `handle` does `body`; `definitions` stand before it in the core module. */
export const handlerComponent = (definitions: string, body: string): Promise<Uint8Array> =>
  parse(`(component
  (import "wasi:http/types@0.2.0" (instance $types
    (export "incoming-request" (type (sub resource)))
    (export "response-outparam" (type (sub resource)))))
  (alias export $types "incoming-request" (type $request))
  (alias export $types "response-outparam" (type $outparam))
  (core module $m
    ${definitions}
    (func (export "handle") (param i32 i32) ${body}))
  (core instance $i (instantiate $m))
  (func $handle (param "request" (own $request)) (param "response-out" (own $outparam))
    (canon lift (core func $i "handle")))
  (instance $handler (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler)))`);
