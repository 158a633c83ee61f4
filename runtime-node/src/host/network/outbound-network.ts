// The one way out of an app: every outbound connection is asked for here, is allowed by the component's manifest and
// made to an address that the runtime configuration does not block (spin-contract.md §1.8, §5.1).
import { lookup } from 'node:dns/promises';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { resolveAllowedHosts, UserError, type AllowedHosts, type Destination, type IpAddress } from '@spindle/api';
import type { VariableResolver } from '@spindle/api';
import type { Instruments } from '../../telemetry/instruments.ts';
import type { ComponentContext } from '../guest.ts';
import { isBlocked } from './blocked-networks.ts';
import type { NetworkConfig } from './config.ts';
import { openTcp, startTls, type Endpoint, type Resolve, type TcpOptions, type TlsOptions } from './connect.ts';
import { ConnectionLimit, limitPerThread } from './connection-limit.ts';
import { Denials } from './denials.ts';

export interface NetworkOptions {
  /** Takes one line for the operator. */
  readonly warn?: (message: string) => void;
  /** Instead of the system's resolver. */
  readonly resolve?: Resolve;
  /** Threads that serve the app; this one keeps to its share of the limits. */
  readonly threads?: number;
  /** Counts connections, and how much of the limits is in use. */
  readonly instruments?: Instruments;
}

/** What of an app decides where its components may connect. */
export interface NetworkApp {
  readonly components: readonly ComponentContext[];
  readonly variables: VariableResolver;
}

/** The other end, or the own end, of a socket. */
export interface SocketEndpoint {
  readonly scheme: 'tcp' | 'udp';
  readonly address: IpAddress;
  readonly port: number;
}

export const systemResolver: Resolve = (name) => lookup(name, { all: true });

export class OutboundNetwork {
  /** Connections of every kind. */
  readonly connections: ConnectionLimit;
  /** Those of them that are sockets of `wasi:sockets`. */
  readonly sockets: ConnectionLimit;
  readonly #config: NetworkConfig;
  readonly #rules: ReadonlyMap<string, AllowedHosts>;
  readonly #denials: Denials;
  readonly #resolve: Resolve;
  readonly #threads: number;
  readonly #instruments: Instruments | undefined;

  constructor(config: NetworkConfig, rules: ReadonlyMap<string, AllowedHosts>, options: NetworkOptions = {}) {
    const { threads = 1, warn = () => {}, resolve = systemResolver, instruments } = options;
    this.#threads = threads;
    this.#instruments = instruments;
    this.connections = new ConnectionLimit(limitPerThread(config.maxTotalConnections, threads));
    this.sockets = this.limitOf(config.maxSocketConnections, 'wasi-sockets');
    this.#config = config;
    this.#rules = rules;
    this.#denials = new Denials(warn);
    this.#resolve = resolve;
  }

  /** This thread's share of a limit that the runtime configuration sets for one kind of connections of the app. */
  limitOf(max: number | undefined, kind: string): ConnectionLimit {
    const instruments = this.#instruments;
    return new ConnectionLimit(
      limitPerThread(max, this.#threads),
      this.connections,
      instruments && { kind, instruments },
    );
  }

  /** Whether the component may connect there; `pattern` is what would allow it, for the operator. */
  allows(componentId: string, destination: Destination, pattern: string): boolean {
    return this.#decide(componentId, pattern, (rules) => rules.allows(destination));
  }

  /** Whether the component may call its own app. */
  allowsSelf(componentId: string): boolean {
    return this.#decide(componentId, 'http://self', (rules) => rules.allowsSelf());
  }

  /** Whether the component may use a socket with this address; the operator hears of it when it may not. */
  allowsSocket(componentId: string, endpoint: SocketEndpoint): boolean {
    const { scheme, address, port } = endpoint;
    const pattern = `${scheme}://${address.kind() === 'ipv6' ? `[${address.toString()}]` : address.toString()}:${port}`;
    if (!this.allows(componentId, destinationOf(endpoint), pattern)) {
      return false;
    }
    const blocked = this.#blocks(address);
    if (blocked) {
      this.#denials.reportBlocked(componentId, pattern);
    }
    return !blocked;
  }

  /** The same without a word to the operator, for what others do: they send whatever they like. */
  acceptsSocket(componentId: string, endpoint: SocketEndpoint): boolean {
    const rules = this.#rules.get(componentId);
    return rules !== undefined && rules.allows(destinationOf(endpoint)) && !this.#blocks(endpoint.address);
  }

  /** Whether any destination of this scheme is allowed to the component. */
  allowsScheme(componentId: string, scheme: string): boolean {
    return this.#rules.get(componentId)?.allowsScheme(scheme) ?? false;
  }

  connect(endpoint: Endpoint, signal: AbortSignal, options?: TcpOptions): Promise<Socket> {
    return openTcp(endpoint, { resolve: this.#resolve, blocked: this.#config.blocked, signal }, options);
  }

  async connectTls(endpoint: Endpoint, tls: TlsOptions, signal: AbortSignal): Promise<TLSSocket> {
    return startTls(await this.connect(endpoint, signal), endpoint.host, tls, signal);
  }

  #blocks(address: IpAddress): boolean {
    return isBlocked(this.#config.blocked, address.toString());
  }

  #decide(componentId: string, pattern: string, decide: (rules: AllowedHosts) => boolean): boolean {
    const rules = this.#rules.get(componentId);
    const allowed = rules !== undefined && decide(rules);
    if (!allowed) {
      this.#denials.report(componentId, pattern);
    }
    return allowed;
  }
}

const destinationOf = ({ scheme, address, port }: SocketEndpoint): Destination => ({
  scheme,
  host: { kind: 'ip', address },
  port,
});

/** Resolves the rules of every component; throws UserError when one is not what the grammar allows. */
export async function openNetwork(
  config: NetworkConfig,
  app: NetworkApp,
  options: NetworkOptions = {},
): Promise<OutboundNetwork> {
  const context = { resolver: app.variables, componentIds: app.components.map(({ id }) => id) };
  const rules = new Map<string, AllowedHosts>();
  for (const { id, metadata } of app.components) {
    try {
      rules.set(id, await resolveAllowedHosts(metadata.allowed_outbound_hosts ?? [], context));
    } catch (cause) {
      throw cause instanceof UserError ? inComponent(id, cause) : cause;
    }
  }
  return new OutboundNetwork(config, rules, options);
}

function inComponent(id: string, cause: UserError): UserError {
  return new UserError(`component "${id}": ${cause.message}`, {
    code: cause.code,
    field: `component.${id}.allowed_outbound_hosts`,
    ...(cause.remedy === undefined ? {} : { remedy: cause.remedy }),
    cause,
  });
}
