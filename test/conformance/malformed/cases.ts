// Requests that two parsers in a row could read differently, or that no parser should take: what is sent, and what becomes
// of it. `/` counts its calls, so that a request that only a part of the world sees is seen here.

export interface MalformedCase {
  /** Latin1. */
  readonly sent: string;
  /** Of the answers, in order. */
  readonly statuses: readonly number[];
  /** How often the component was called. */
  readonly calls: number;
  /** Whether the next request on the connection is answered, as the request that it is. */
  readonly open: boolean;
}

/** Refused before anybody has seen it, and nothing behind it is looked at. */
const refused = (sent: string, status = 400): MalformedCase => ({ sent, statuses: [status], calls: 0, open: false });

/** Taken as one request. */
const taken = (sent: string): MalformedCase => ({ sent, statuses: [200], calls: 1, open: true });

const get = (...fields: string[]): string => ['GET / HTTP/1.1', 'Host: h', ...fields, '', ''].join('\r\n');

/** Would be a request of its own for whoever takes the one before it to be shorter. */
const HIDDEN = 'GET / HTTP/1.1\r\nHost: hidden\r\n\r\n';

const post = (fields: readonly string[], body: string): string =>
  ['POST / HTTP/1.1', 'Host: h', ...fields, '', body].join('\r\n');

const chunked = (coding: string, body = `5\r\nhello\r\n0\r\n\r\n`): string => post([coding], body);

const chunks = (body: string): string => chunked('Transfer-Encoding: chunked', body);

export const LENGTHS: Readonly<Record<string, MalformedCase>> = {
  'a length and chunks': refused(post(['Content-Length: 6', 'Transfer-Encoding: chunked'], `0\r\n\r\n${HIDDEN}`)),
  'chunks and a length': refused(post(['Transfer-Encoding: chunked', 'Content-Length: 6'], `0\r\n\r\n${HIDDEN}`)),
  'two equal lengths': refused(post(['Content-Length: 5', 'Content-Length: 5'], `hello`)),
  'two lengths': refused(post(['Content-Length: 0', `Content-Length: ${HIDDEN.length}`], HIDDEN)),
  'two lengths in one field': refused(post([`Content-Length: 0, ${HIDDEN.length}`], HIDDEN)),
  'two equal lengths in one field': refused(post(['Content-Length: 5, 5'], 'hello')),
  'a length with a plus': refused(post(['Content-Length: +5'], 'hello')),
  'a length with a minus': refused(post(['Content-Length: -5'], 'hello')),
  'a length in hexadecimal': refused(post(['Content-Length: 0x5'], 'hello')),
  'a length with a space inside': refused(post(['Content-Length: 5 5'], 'hello')),
  'a length with a fraction': refused(post(['Content-Length: 5.0'], 'hello')),
  'an empty length': refused(post(['Content-Length: '], 'hello')),
  'a length of no digits': refused(post(['Content-Length: five'], 'hello')),
  'a length that no number holds': refused(post(['Content-Length: 18446744073709551621'], 'hello')),
  'a length behind a vertical tab': refused(post(['Content-Length: \v5'], 'hello')),
  'a length with white space around it': taken(post(['Content-Length: \t 5 \t'], 'hello')),
  'a length with zeros in front': taken(post(['Content-Length: 0005'], 'hello')),
  'a length with a space before the colon': refused(post(['Content-Length : 5'], 'hello')),
  'a body that is a request': taken(post([`Content-Length: ${HIDDEN.length}`], HIDDEN)),
  'a GET with a body that is a request': taken(
    `GET / HTTP/1.1\r\nHost: h\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  ),
};

export const CODINGS: Readonly<Record<string, MalformedCase>> = {
  chunked: taken(chunked('Transfer-Encoding: chunked')),
  'chunked in capitals': taken(chunked('TRANSFER-ENCODING: CHUNKED')),
  'chunked behind a tab': taken(chunked('Transfer-Encoding:\tchunked')),
  'chunked twice': refused(chunked('Transfer-Encoding: chunked, chunked')),
  'chunked in two fields': refused(chunked('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked')),
  identity: refused(chunked('Transfer-Encoding: identity')),
  'identity behind chunked': refused(chunked('Transfer-Encoding: chunked, identity')),
  'identity in a second field': refused(chunked('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity')),
  'identity in a first field': refused(chunked('Transfer-Encoding: identity\r\nTransfer-Encoding: chunked')),
  'a coding that ends like chunked': refused(chunked('Transfer-Encoding: xchunked')),
  'a coding that begins like chunked': refused(chunked('Transfer-Encoding: chunkedx')),
  'chunked in quotes': refused(chunked('Transfer-Encoding: "chunked"')),
  'chunked with a parameter': refused(chunked('Transfer-Encoding: chunked;q=1')),
  'chunked behind a comma': refused(chunked('Transfer-Encoding: ,chunked')),
  'chunked behind a vertical tab': refused(chunked('Transfer-Encoding: \vchunked')),
  'chunked behind a NUL': refused(chunked('Transfer-Encoding: \0chunked')),
  'an empty coding': refused(chunked('Transfer-Encoding: ')),
  'another coding below chunked': refused(chunked('Transfer-Encoding: gzip, chunked')),
  'another coding in a field of its own': refused(chunked('Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked')),
  'a space before the colon': refused(chunked('Transfer-Encoding : chunked')),
  'a tab before the colon': refused(chunked('Transfer-Encoding\t: chunked')),
  'a space before the name': refused(chunked(' Transfer-Encoding: chunked')),
  'chunked on the next line': refused(chunked('Transfer-Encoding:\r\n chunked')),
  'chunked hidden behind a bare CR': refused(chunked('X: y\rTransfer-Encoding: chunked')),
  'chunked hidden behind a bare LF': refused(chunked('X: y\nTransfer-Encoding: chunked')),
  'chunked over HTTP/1.0': refused(
    'POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  ),
};

export const CHUNKS: Readonly<Record<string, MalformedCase>> = {
  'of no digits': refused(chunks('zz\r\nhello\r\n0\r\n\r\n')),
  'without a size': refused(chunks('\r\nhello\r\n0\r\n\r\n')),
  'with a minus': refused(chunks('-5\r\nhello\r\n0\r\n\r\n')),
  'with a plus': refused(chunks('+5\r\nhello\r\n0\r\n\r\n')),
  'with 0x': refused(chunks('0x5\r\nhello\r\n0\r\n\r\n')),
  'with a space in front': refused(chunks(' 5\r\nhello\r\n0\r\n\r\n')),
  'with a space behind': refused(chunks('5 \r\nhello\r\n0\r\n\r\n')),
  'with an underscore': refused(chunks('1_0\r\nhello\r\n0\r\n\r\n')),
  'with more digits than a number holds': refused(chunks(`${'f'.repeat(17)}\r\nhello\r\n0\r\n\r\n`)),
  'with zeros in front': taken(chunks('00005\r\nhello\r\n0000\r\n\r\n')),
  'with a bare LF behind the size': refused(chunks('5\nhello\r\n0\r\n\r\n')),
  'with a bare CR behind the size': refused(chunks('5\rhello\r\n0\r\n\r\n')),
  'with a bare LF behind the data': refused(chunks('5\r\nhello\n0\r\n\r\n')),
  'longer than they say': refused(chunks('5\r\nhelloo\r\n0\r\n\r\n')),
  'shorter than they say': refused(chunks(`5\r\nhell\r\n0\r\n\r\n${HIDDEN}`)),
  'with a bare LF at the end': refused(chunks(`5\r\nhello\r\n0\r\n\n${HIDDEN}`)),
  'with an extension': taken(chunks('5;a=b;c="d"\r\nhello\r\n0\r\n\r\n')),
  'with a bare LF in an extension': refused(chunks(`5;a\nb\r\nhello\r\n0\r\n\r\n`)),
  'with huge extensions': refused(chunks(`5;${'a'.repeat(20_000)}\r\nhello\r\n0\r\n\r\n`), 413),
  'with many small extensions': taken(chunks(`${`1;${'a'.repeat(500)}\r\nx\r\n`.repeat(100)}0\r\n\r\n`)),
  'with trailers': taken(chunks('5\r\nhello\r\n0\r\nx-t: v\r\n\r\n')),
  'with a length among the trailers': refused(chunks('5\r\nhello\r\n0\r\nContent-Length: 100\r\n\r\n')),
  'with a bad trailer': refused(chunks('5\r\nhello\r\n0\r\nbad name: v\r\n\r\n')),
};

export const FIELDS: Readonly<Record<string, MalformedCase>> = {
  'a folded line': refused(get('X: a\r\n b')),
  'a folded line behind a tab': refused(get('X: a\r\n\tb')),
  'a folded line in front of all others': refused('GET / HTTP/1.1\r\n X: a\r\nHost: h\r\n\r\n'),
  'lines that end in LF': refused('GET / HTTP/1.1\nHost: h\n\n'),
  'one line that ends in LF': refused('GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n'),
  'a head that ends in LF': refused(`GET / HTTP/1.1\r\nHost: h\r\n\n${HIDDEN}`),
  'a bare CR in a value': refused(get('X: a\rb')),
  'a bare CR at the end of a value': refused(get('X: a\r\r')),
  'a NUL in a value': refused(get('X: a\0b')),
  'a NUL in a name': refused(get('X\0: a')),
  'a control character in a value': refused(get('X: a\x01b')),
  'DEL in a value': refused(get('X: a\x7fb')),
  'a space in a name': refused(get('X Y: a')),
  'a byte above ASCII in a name': refused(get('X\u00e9: a')),
  'a space before the colon': refused(get('X : a')),
  'no name': refused(get(': a')),
  'no colon': refused(get('X')),
  'two hosts': refused(get('Host: other')),
  'two equal hosts': refused(get('Host: h')),
  'two hosts in one field': refused('GET / HTTP/1.1\r\nHost: h, other\r\n\r\n'),
  'a host with a space': refused('GET / HTTP/1.1\r\nHost: h other\r\n\r\n'),
  'a host with a path': refused('GET / HTTP/1.1\r\nHost: h/x\r\n\r\n'),
  'an empty host': refused('GET / HTTP/1.1\r\nHost:\r\n\r\n'),
  'no host': refused('GET / HTTP/1.1\r\n\r\n'),
  'more fields than may be': refused(get(...Array.from({ length: 100 }, (_, index) => `X-${index}: y`)), 431),
  'as many fields as may be': taken(get(...Array.from({ length: 99 }, (_, index) => `X-${index}: y`))),
  'a head that is too long': refused(get(`X: ${'y'.repeat(450_000)}`), 431),
  'an offer of HTTP/2': {
    sent: get('Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'),
    statuses: [200],
    calls: 1,
    open: false,
  },
  'an offer of another protocol with a body': {
    sent: post(['Connection: Upgrade', 'Upgrade: x', `Content-Length: ${HIDDEN.length}`], HIDDEN) + HIDDEN,
    statuses: [200],
    calls: 1,
    open: false,
  },
  'an expectation that nobody knows': taken(get('Expect: a-miracle')),
};

export const LINES: Readonly<Record<string, MalformedCase>> = {
  'two spaces before the target': taken('GET  / HTTP/1.1\r\nHost: h\r\n\r\n'),
  'two spaces behind the target': taken('GET /  HTTP/1.1\r\nHost: h\r\n\r\n'),
  'a space at the end': refused('GET / HTTP/1.1 \r\nHost: h\r\n\r\n'),
  'a space in front': refused(' GET / HTTP/1.1\r\nHost: h\r\n\r\n'),
  'a tab for a space': refused('GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n'),
  'a space in the target': refused('GET /a b HTTP/1.1\r\nHost: h\r\n\r\n'),
  'a NUL in the target': refused('GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n'),
  'an empty line in front': taken(`\r\n${get()}`),
  'no version': refused('GET /\r\nHost: h\r\n\r\n'),
  'a version of one digit': refused('GET / HTTP/1\r\nHost: h\r\n\r\n'),
  'version 0.9': refused('GET / HTTP/0.9\r\nHost: h\r\n\r\n'),
  'version 1.2': refused('GET / HTTP/1.2\r\nHost: h\r\n\r\n'),
  'version 2.0': refused('GET / HTTP/2.0\r\nHost: h\r\n\r\n'),
  'version 11.1': refused('GET / HTTP/11.1\r\nHost: h\r\n\r\n'),
  'a version in small letters': refused('GET / http/1.1\r\nHost: h\r\n\r\n'),
  // Node's parser knows that protocol too, and shows it as HTTP/1.0.
  'another protocol': { sent: 'GET / RTSP/1.0\r\nHost: h\r\n\r\n', statuses: [200], calls: 1, open: false },
  'no method': refused('/ HTTP/1.1\r\nHost: h\r\n\r\n'),
  'a method in small letters': refused('get / HTTP/1.1\r\nHost: h\r\n\r\n'),
  'a method that is not registered': refused('FOO / HTTP/1.1\r\nHost: h\r\n\r\n'),
  'a method that is no token': refused('G(T / HTTP/1.1\r\nHost: h\r\n\r\n'),
  'the beginning of HTTP/2, and no more': refused('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n'),
  'a tunnel': refused('CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n', 501),
  'a target in absolute form': taken('GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n'),
  'a target in absolute form for another host': refused('GET http://other/ HTTP/1.1\r\nHost: h\r\n\r\n'),
  'a target in absolute form without an authority': refused('GET http:/// HTTP/1.1\r\nHost: h\r\n\r\n'),
  'a line that is too long': refused(`GET /${'a'.repeat(450_000)} HTTP/1.1\r\nHost: h\r\n\r\n`, 431),
  TLS: refused('\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03'),
};

export const PIPELINES: Readonly<Record<string, MalformedCase>> = {
  'two requests': { sent: get() + get(), statuses: [200, 200], calls: 2, open: true },
  'a request behind a malformed one': refused(get('X : y') + HIDDEN),
  'a request behind one with two hosts': refused(get('Host: other') + HIDDEN),
  'a request behind one of another version': refused(`GET / HTTP/2.0\r\nHost: h\r\n\r\n${HIDDEN}`),
  'a malformed request between two': {
    sent: get() + get('X : y') + HIDDEN,
    statuses: [200, 400],
    calls: 1,
    open: false,
  },
  'a request behind the last one': { sent: get('Connection: close') + HIDDEN, statuses: [200], calls: 1, open: false },
  'a request behind one of HTTP/1.0': {
    sent: `GET / HTTP/1.0\r\nHost: h\r\n\r\n${HIDDEN}`,
    statuses: [200],
    calls: 1,
    open: false,
  },
  'a request behind a tunnel': refused(`CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n${HIDDEN}`, 501),
  'a request behind too many fields': refused(
    get(...Array.from({ length: 100 }, (_, index) => `X-${index}: y`)) + HIDDEN,
    431,
  ),
};
