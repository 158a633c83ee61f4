// The few lines between wasi:http and a handler that takes a plain request and returns a plain response.
import types from 'wasi:http/types@0.2.10';

const { Fields, OutgoingBody, OutgoingResponse, ResponseOutparam } = types;

// QuickJS has no TextEncoder and no TextDecoder. 4096 bytes is the most that one blocking write takes.
const encode = (text) => Uint8Array.from(unescape(encodeURIComponent(text)), (c) => c.charCodeAt(0));
const decode = (bytes) => decodeURIComponent(escape(String.fromCharCode(...bytes)));
const MAX_WRITE = 4096;

export function serve(handler) {
  return {
    handle(incoming, out) {
      const path = incoming.pathWithQuery() ?? '/';
      const entries = incoming.headers().entries();
      const headers = new Map(entries.map(([name, value]) => [name, decode(value)]));
      send(out, handler({ path, headers }));
    },
  };
}

function send(out, { status = 200, headers = {}, body = '' }) {
  const fields = Object.entries(headers).map(([name, value]) => [name, encode(value)]);
  const response = new OutgoingResponse(Fields.fromList(fields));
  response.setStatusCode(status);
  const outgoing = response.body();
  ResponseOutparam.set(out, { tag: 'ok', val: response });
  const stream = outgoing.write();
  const bytes = encode(body);
  for (let at = 0; at < bytes.length; at += MAX_WRITE) {
    stream.blockingWriteAndFlush(bytes.subarray(at, at + MAX_WRITE));
  }
  stream[Symbol.dispose]();
  OutgoingBody.finish(outgoing, undefined);
}
