// What a session of HTTP/2 may cost us. What is over one of these ends the session by GOAWAY, or the stream by
// RST_STREAM, before anything of it reaches a guest.
import type { ServerOptions } from 'node:http2';

/** hyper offers 200 since the rapid resets of 2023; with ours in the queue of admission behind it this is plenty. */
const MAX_STREAMS = 100;

/** What a client may send of one body before anybody reads: twice HTTP/2's own, so that an upload is not held up. */
const STREAM_WINDOW_BYTES = 131_072;

/** A client that takes a request back has us begin and end a guest for nothing: so many at once, and then per second. */
const RESET_BURST = 200;
const RESETS_PER_SECOND = 33;

/** Frames that mean nothing, and streams beyond what was offered; node's defaults are 1000 and 100. */
const MAX_INVALID_FRAMES = 100;
const MAX_REJECTED_STREAMS = 100;

/** Megabytes that node may hold for a session. */
const SESSION_MEGABYTES = 16;

/** Of the request; the most that there are (RFC 9113 §8.3.1, and `:protocol` of RFC 8441). */
const PSEUDO_FIELDS = 5;

export interface HeadLimits {
  readonly headerFields: number;
  readonly maxHeaderBytes: number;
}

/** Heads that are a little too long reach the service, which can say 431; nghttp2 ends what is far beyond. */
export const sessionOptions = ({ headerFields, maxHeaderBytes }: HeadLimits): ServerOptions => ({
  settings: {
    maxConcurrentStreams: MAX_STREAMS,
    initialWindowSize: STREAM_WINDOW_BYTES,
    maxHeaderListSize: maxHeaderBytes,
    enablePush: false,
    enableConnectProtocol: false,
  },
  maxHeaderListPairs: 2 * headerFields + PSEUDO_FIELDS,
  maxSessionMemory: SESSION_MEGABYTES,
  maxSessionInvalidFrames: MAX_INVALID_FRAMES,
  maxSessionRejectedStreams: MAX_REJECTED_STREAMS,
  streamResetBurst: RESET_BURST,
  streamResetRate: RESETS_PER_SECOND,
  // Guests may repeat a field; HTTP/1.1 sends it too.
  strictSingleValueFields: false,
});
