// `ip-socket-address` of WIT as the host's addresses and back, and which of them a socket may use.
import ipaddr from 'ipaddr.js';
import type { IpAddress } from '@spindle/api';
import { parseAddress } from '../network/index.ts';

export type IpAddressFamily = 'ipv4' | 'ipv6';

export interface Ipv4SocketAddress {
  readonly port: number;
  /** Four octets. */
  readonly address: readonly number[];
}

export interface Ipv6SocketAddress {
  readonly port: number;
  readonly flowInfo: number;
  /** Eight segments. */
  readonly address: readonly number[];
  readonly scopeId: number;
}

export type IpSocketAddress =
  | { readonly tag: 'ipv4'; readonly val: Ipv4SocketAddress }
  | { readonly tag: 'ipv6'; readonly val: Ipv6SocketAddress };

/** Without flow information, which neither Node nor any rule has a use for. */
export interface SocketAddress {
  readonly ip: IpAddress;
  readonly port: number;
  /** An interface of this machine, for link-local addresses; 0 is none. */
  readonly scopeId: number;
}

export function fromWit({ tag, val }: IpSocketAddress): SocketAddress {
  return tag === 'ipv4'
    ? { ip: new ipaddr.IPv4([...val.address]), port: val.port, scopeId: 0 }
    : { ip: new ipaddr.IPv6([...val.address]), port: val.port, scopeId: val.scopeId };
}

export const toWit = ({ ip, port, scopeId }: SocketAddress): IpSocketAddress =>
  isIpv4(ip)
    ? { tag: 'ipv4', val: { port, address: ip.octets } }
    : { tag: 'ipv6', val: { port, flowInfo: 0, address: ip.parts, scopeId } };

/** What Node tells of a socket: text, where an IPv6 address may have a zone, which has no number there. */
export function fromNode({ address, port }: { readonly address: string; readonly port: number }): SocketAddress {
  const ip = parseAddress(address);
  if (ip === undefined) {
    throw new Error(`Node gave a socket the address ${JSON.stringify(address)}`);
  }
  return { ip, port, scopeId: 0 };
}

/** As Node takes it. */
export const hostOf = ({ ip }: SocketAddress): string => ip.toString();

/** By value, however the two were written. */
export const sameAddress = (one: SocketAddress, other: SocketAddress): boolean =>
  one.port === other.port && one.ip.toNormalizedString() === other.ip.toNormalizedString();

/** As wasmtime: neither mapped nor IPv4-compatible addresses are of a family, so that each host has one address only. */
export function isOfFamily({ ip }: SocketAddress, family: IpAddressFamily): boolean {
  if (isIpv4(ip)) {
    return family === 'ipv4';
  }
  return family === 'ipv6' && !ip.isIPv4MappedAddress() && !isIpv4Compatible(ip);
}

/** Something can be sent there. */
export const isRemote = ({ ip, port }: SocketAddress): boolean => port !== 0 && !isUnspecified(ip);

/** No multicast and no broadcast to all: a connection has one other end. */
export function isUnicast({ ip }: SocketAddress): boolean {
  const range = ip.range();
  return range !== 'multicast' && range !== 'broadcast';
}

/** What every client binds to, if it has to bind: any address of this machine and any port. */
export const isAnyLocal = ({ ip, port, scopeId }: SocketAddress): boolean =>
  port === 0 && scopeId === 0 && isUnspecified(ip);

/** Not by `range`: ipaddr.js counts all of 0.0.0.0/8. */
const isUnspecified = (ip: IpAddress): boolean => ip.toByteArray().every((byte) => byte === 0);

const isIpv4 = (ip: IpAddress): ip is ipaddr.IPv4 => ip.kind() === 'ipv4';

/** ::/96 without :: and ::1 (RFC 4291 §2.5.5.1). */
function isIpv4Compatible(ip: ipaddr.IPv6): boolean {
  const [sixth = 0, last = 0] = ip.parts.slice(6);
  return ip.parts.slice(0, 6).every((part) => part === 0) && (sixth !== 0 || last > 1);
}
