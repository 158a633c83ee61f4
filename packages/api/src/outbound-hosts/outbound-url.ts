// Reads the destination of an outbound request out of the address that a guest gave (spec/spin-runtime.md §1.8).
import type { Destination } from './allowed-host.ts';
import { parseHost } from './host.ts';

/** An address without a scheme gets `defaultScheme`. undefined: no destination can be seen in it. */
export function parseOutboundUrl(address: string, defaultScheme: string): Destination | undefined {
  const encoded = encodeUserInfo(address);
  const withHost = [encoded, `${defaultScheme}://${encoded}`]
    .map((text) => URL.parse(text))
    .find((url) => url !== null && url.hostname !== '');
  const host = parseHost(withHost?.hostname ?? '');
  if (!withHost || host === undefined) {
    return undefined;
  }
  const port = withHost.port === '' ? undefined : Number(withHost.port);
  return { scheme: withHost.protocol.slice(0, -1), host, port };
}

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
