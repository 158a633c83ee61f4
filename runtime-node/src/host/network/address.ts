// Which addresses are reachable from the whole Internet (spin-contract.md §5.1, `private`). An address that
// carries an IPv4 address is judged by that one too: a gateway on the way may unwrap it.
import ipaddr from 'ipaddr.js';
import type { IpAddress } from '@spindle/api';

/** Ranges of ipaddr.js that are routed globally: anycast services besides plain unicast. */
const GLOBAL_RANGES: ReadonlySet<string> = new Set(['unicast', 'as112', 'as112v6', 'amt']);

/** Ranges of ipaddr.js in whose last 32 bits an IPv4 address stands: RFC 4291 §2.5.5.2, RFC 2765, RFC 6052 §2.1. */
const CARRIES_IPV4_AT_END: ReadonlySet<string> = new Set(['ipv4Mapped', 'rfc6145', 'rfc6052']);

/** 64:ff9b:1::/48 is for translation inside one network (RFC 8215 §3). */
const LOCAL_TRANSLATION = { address: ipaddr.IPv6.parse('64:ff9b:1::'), prefixLength: 48 };

/** ::/96, once the way to write an IPv4 address in IPv6 (RFC 4291 §2.5.5.1). */
const IPV4_COMPATIBLE = { address: ipaddr.IPv6.parse('::'), prefixLength: 96 };

/** undefined: not an address. A zone id is left out, for it does not change the range. */
export function parseAddress(text: string): IpAddress | undefined {
  const [address = ''] = text.split('%');
  return ipaddr.isValid(address) ? ipaddr.parse(address) : undefined;
}

export function isGlobal(address: IpAddress): boolean {
  const embedded = embeddedIpv4(address);
  if (embedded !== undefined) {
    return isGlobal(embedded);
  }
  return GLOBAL_RANGES.has(address.range());
}

/** The IPv4 address that an IPv6 address carries for a translator, tunnel or dual stack to use. */
export function embeddedIpv4(address: IpAddress): ipaddr.IPv4 | undefined {
  if (address.kind() === 'ipv4') {
    return undefined;
  }
  const bytes = address.toByteArray();
  const range = address.range();
  if (range === '6to4') {
    return new ipaddr.IPv4(bytes.slice(2, 6)); // RFC 3056 §2
  }
  const isCompatible = range === 'unicast' && address.match(IPV4_COMPATIBLE.address, IPV4_COMPATIBLE.prefixLength);
  const isLocal = address.match(LOCAL_TRANSLATION.address, LOCAL_TRANSLATION.prefixLength);
  if (isLocal || !(isCompatible || CARRIES_IPV4_AT_END.has(range))) {
    return undefined;
  }
  return new ipaddr.IPv4(bytes.slice(-4));
}
