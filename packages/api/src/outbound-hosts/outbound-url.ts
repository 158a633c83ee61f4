// Reads the destination of an outbound request out of the address that a guest gave (spin-contract.md §1.8). What
// is checked must be what is connected to, so an address that can be read in two ways has no destination.
import type { Destination } from './allowed-host.ts';
import { parseHost } from './host.ts';

/**
 * An address without a scheme gets `defaultScheme`. undefined: no destination can be seen in it. Stricter than Spin,
 * which lets `redis://evil#@good` pass as `good`, and takes `http` for the host of `http://a b`.
 */
export function parseOutboundUrl(address: string, defaultScheme: string): Destination | undefined {
  const encoded = encodeUserInfo(address);
  const url = parseUrl(encoded, defaultScheme);
  const host = url && parseHost(url.hostname);
  const asWritten = encoded === address ? url : parseUrl(address, defaultScheme);
  if (!url || host === undefined || (asWritten && asWritten.host !== url.host)) {
    return undefined;
  }
  return { scheme: url.protocol.slice(0, -1), host, port: url.port === '' ? undefined : Number(url.port) };
}

function parseUrl(text: string, defaultScheme: string): URL | undefined {
  const whole = URL.parse(text);
  const url = whole?.hostname || HAS_SCHEME_OR_NO_HOST.test(text) ? whole : URL.parse(`${defaultScheme}://${text}`);
  return url?.hostname ? url : undefined;
}

/** `x://…`, or a path alone. */
const HAS_SCHEME_OR_NO_HOST = /^(?:[^/?#]*:\/\/|[/?#\\])/;

/** A password may hold `#` or `:`; since user info does not matter here, it may be encoded twice. */
function encodeUserInfo(address: string): string {
  const at = address.indexOf('@');
  const schemeEnd = address.indexOf('://');
  const start = schemeEnd === -1 ? 0 : schemeEnd + '://'.length;
  const slash = address.indexOf('/', start);
  if (at < start || (slash !== -1 && slash < at)) {
    return address;
  }
  // A lone surrogate cannot be encoded, and is no part of any host.
  return address.slice(0, start) + encodeURIComponent(address.slice(start, at).toWellFormed()) + address.slice(at);
}
