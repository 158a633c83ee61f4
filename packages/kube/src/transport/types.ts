// The one way to the API server: requests with an answer, and streams of bytes. Knows nothing of kinds or of watches.

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface ApiRequest {
  readonly method: Method;
  /** `/api/v1/namespaces/default/pods`, each segment encoded. */
  readonly path: string;
  /** What is undefined is left out. */
  readonly query?: Query;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Of the body; `application/json` when absent. */
  readonly contentType?: string;
  /** `application/json` when absent. */
  readonly accept?: string;
  /** Given up when it aborts: what is thrown is its reason. */
  readonly signal?: AbortSignal;
}

export interface AnswerRequest extends ApiRequest {
  /** For the whole answer; 30 s when absent. */
  readonly deadlineMs?: number;
  /** More is a TransportError `too-large`; 64 MiB when absent. */
  readonly maxBytes?: number;
  /** Called at the last moment before the request goes out; what it throws is thrown, and nothing goes out. */
  readonly guard?: () => void;
}

export interface StreamRequest extends ApiRequest {
  /** For the head of the response; the stream itself may last. 30 s when absent. */
  readonly deadlineMs?: number;
}

export interface ApiAnswer {
  readonly status: number;
  /** Parsed JSON, or the text when the response is something else; undefined when it is empty. */
  readonly body: unknown;
}

/**
 * Bytes as they come; nothing more is read from the network than the reader takes. Ends when the server ends it; throws a
 * TransportError when it breaks. Leaving the loop, `close` and the request's signal each give it up.
 */
export interface ByteStream extends AsyncIterable<Uint8Array> {
  close(): void;
}

export interface Transport {
  /** Throws ApiError for every status from 400 on, TransportError when there is no answer. */
  request(request: AnswerRequest): Promise<ApiAnswer>;
  /** As `request` until the head of the response is there. */
  stream(request: StreamRequest): Promise<ByteStream>;
  /** Gives up whatever is under way. Nothing can be asked after it. */
  close(): Promise<void>;
}
