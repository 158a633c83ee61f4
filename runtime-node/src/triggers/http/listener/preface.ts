// Which protocol a client speaks who has not said so by ALPN: HTTP/2 with prior knowledge begins with a preface that is
// no request of HTTP/1.1 (RFC 9113 §3.4).

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** By the first bytes of a connection; undefined while they could still become either. */
export function protocolOf(bytes: Buffer): 'http1' | 'http2' | undefined {
  const length = Math.min(bytes.length, PREFACE.length);
  if (bytes.compare(PREFACE, 0, length, 0, length) !== 0) {
    return 'http1';
  }
  return length === PREFACE.length ? 'http2' : undefined;
}
