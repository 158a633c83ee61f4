// The host of a URL in one normal form, so that two spellings of one host are equal: domain names in lower-case ASCII,
// addresses by value. Follows the WHATWG host parser, as Spin does through the Rust url crate.
import ipaddr from 'ipaddr.js';

export type Host =
  | { readonly kind: 'domain'; readonly name: string }
  | { readonly kind: 'ip'; readonly address: IpAddress };

export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

/** Would end the host, or be dropped in silence, when the text is put into a URL. */
// oxlint-disable-next-line no-control-regex -- control characters are what this is about
const NOT_IN_HOST = /[/?#@\\\s\u0000-\u0020]/;

/** What the URL parser makes of every IPv4 address, and of nothing else (WHATWG URL, "ends in a number"). */
const FOUR_NUMBERS = /^\d+(?:\.\d+){3}$/;

/** undefined: not a host. IPv6 addresses stand in brackets. */
export function parseHost(text: string): Host | undefined {
  if (text === '' || NOT_IN_HOST.test(text)) {
    return undefined;
  }
  if (text.startsWith('[')) {
    const inner = text.endsWith(']') ? text.slice(1, -1) : '';
    return isIpv6(inner) ? { kind: 'ip', address: ipaddr.IPv6.parse(inner) } : undefined;
  }
  const url = text.includes(':') ? null : URL.parse(`http://${text}/`);
  if (url === null) {
    return undefined;
  }
  return FOUR_NUMBERS.test(url.hostname)
    ? { kind: 'ip', address: ipaddr.IPv4.parse(url.hostname) }
    : { kind: 'domain', name: url.hostname };
}

export function sameHost(one: Host, other: Host): boolean {
  if (one.kind === 'domain' || other.kind === 'domain') {
    return one.kind === 'domain' && other.kind === 'domain' && one.name === other.name;
  }
  // By value, not by text: `[::1]` and `[0:0:0:0:0:0:0:1]` are one address.
  return one.address.toString() === other.address.toString();
}

/** An address range in CIDR notation. Bits beyond the prefix do not matter. */
export interface Network {
  readonly address: IpAddress;
  readonly prefixLength: number;
}

/** undefined: not in CIDR notation. Stricter than ipaddr.js, which also reads `0x7f.1/8` and zone ids. */
export function parseNetwork(text: string): Network | undefined {
  const [, host = '', prefix = ''] = /^([^/]*)\/(\d{1,3})$/.exec(text) ?? [];
  const prefixLength = Number(prefix);
  if (ipaddr.IPv4.isValidFourPartDecimal(host) && prefixLength <= 32) {
    return { address: ipaddr.IPv4.parse(host), prefixLength };
  }
  return isIpv6(host) && prefixLength <= 128 ? { address: ipaddr.IPv6.parse(host), prefixLength } : undefined;
}

export function networkContains(network: Network, address: IpAddress): boolean {
  return network.address.kind() === address.kind() && address.match(network.address, network.prefixLength);
}

function isIpv6(text: string): boolean {
  return !text.includes('%') && ipaddr.IPv6.isValid(text);
}
