// The way to a broker that the operator names. The manifest's allowed hosts and blocked networks have no say here: no guest
// chooses the address.
import type { Socket } from 'node:net';
import { platformTrust } from '../host/http/client/trust.ts';
import { NOTHING_BLOCKED, openTcp, startTls, systemResolver } from '../host/network/index.ts';

export interface BrokerTarget {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

export async function connectBroker(target: BrokerTarget, signal: AbortSignal): Promise<Socket> {
  const socket = await openTcp(target, { resolve: systemResolver, blocked: NOTHING_BLOCKED, signal });
  return target.tls ? startTls(socket, target.host, { alpn: [], secureContext: platformTrust() }, signal) : socket;
}

/** For logs and the start-up text. */
export function withoutPassword(address: string): string {
  const url = URL.parse(address);
  if (url === null || url.password === '') {
    return address;
  }
  url.password = '***';
  return url.href;
}
