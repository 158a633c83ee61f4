// One entry of `allowed_outbound_hosts`: `<scheme>://<host>[:<port>]` (spin-contract.md §1.8), parsed and matched.
import { UserError } from '../errors.ts';
import { type Host, type Network, networkContains, parseHost, parseNetwork, sameHost } from './host.ts';
import { SERVICE_CHAINING_SUFFIX } from './service-chaining.ts';

export interface AllowedHost {
  /** As written. */
  readonly text: string;
  /** undefined: any. */
  readonly scheme: string | undefined;
  readonly host: HostPattern;
  /** undefined: any. */
  readonly ports: PortRange | undefined;
}

type HostPattern =
  | { readonly kind: 'any' }
  /** The application itself, through a relative URL or `self.alt`. */
  | { readonly kind: 'self' }
  /** Any depth below the domain, not the domain itself; `suffix` begins with a dot. */
  | { readonly kind: 'subdomains'; readonly suffix: string }
  | { readonly kind: 'exact'; readonly host: Host }
  | { readonly kind: 'network'; readonly network: Network };

/** From `start` to before `end`. */
interface PortRange {
  readonly start: number;
  readonly end: number;
}

/** Where a request wants to go. */
export interface Destination {
  readonly scheme: string;
  readonly host: Host;
  /** Absent: the well-known port of the scheme. */
  readonly port: number | undefined;
}

const MAX_PORT = 65_535;
const WELL_KNOWN_PORTS: ReadonlyMap<string, number> = new Map([
  ['postgres', 5432],
  ['mysql', 3306],
  ['redis', 6379],
  ['mqtt', 1883],
  ['http', 80],
  ['https', 443],
]);
const LEARN_MORE = 'Learn more: https://spinframework.dev/v3/http-outbound#granting-http-permissions-to-components';
const REMEDY = 'Write <scheme>://<host>[:<port>], for example https://api.example.com or redis://10.0.0.0/8:6379.';

const invalid = (message: string): UserError => new UserError(message, { code: 'SPK1007', remedy: REMEDY });

/** Throws a UserError that says what is wrong with the entry. */
export function parseAllowedHost(text: string): AllowedHost {
  const entry = text.trim();
  const schemeEnd = entry.indexOf('://');
  if (schemeEnd === -1) {
    throw invalid(noScheme(entry));
  }
  const scheme = entry.slice(0, schemeEnd);
  const { host, port } = splitAuthority(entry.slice(schemeEnd + '://'.length), entry);
  // In Spin's order: of several faults, the same one is told first.
  const ports = parsePorts(port, scheme);
  const problem = schemeProblem(scheme);
  if (problem !== undefined) {
    throw invalid(`Invalid allowed host scheme ${JSON.stringify(scheme)}: ${problem}`);
  }
  return { text, scheme: scheme === '*' ? undefined : scheme, host: parseHostPattern(host), ports };
}

export function allowsDestination(allowed: AllowedHost, { scheme, host, port }: Destination): boolean {
  return (
    (allowed.scheme === undefined || allowed.scheme === scheme) &&
    allowsHost(allowed.host, host) &&
    allowsPort(allowed.ports, port ?? WELL_KNOWN_PORTS.get(scheme))
  );
}

/** Whether a request of the app to itself is allowed, by any of the schemes. */
export function allowsSelf(allowed: AllowedHost, schemes: readonly string[]): boolean {
  return (
    (allowed.scheme === undefined || schemes.includes(allowed.scheme)) &&
    (allowed.host.kind === 'any' || allowed.host.kind === 'self')
  );
}

/** Whether the entry names components of the app, so that the host must support service chaining. */
export function isForServiceChaining({ host }: AllowedHost): boolean {
  switch (host.kind) {
    case 'subdomains':
      return host.suffix === SERVICE_CHAINING_SUFFIX;
    case 'exact':
      return host.host.kind === 'domain' && host.host.name.endsWith(SERVICE_CHAINING_SUFFIX);
    default:
      return false;
  }
}

function noScheme(entry: string): string {
  if (['*', ':', '', '?'].includes(entry)) {
    return [
      `${JSON.stringify(entry)} is not an allowed outbound host format.`,
      "Hosts must be in the form <scheme>://<host>[:<port>], with '*' wildcards allowed for each.",
      "If you intended to allow all outbound networking, you can use '*://*:*' - this will obviate all network sandboxing.",
      LEARN_MORE,
    ].join('\n');
  }
  return `${JSON.stringify(entry)} does not contain a scheme (e.g., 'http://' or '*://')\n${LEARN_MORE}`;
}

function splitAuthority(authority: string, entry: string): { host: string; port: string } {
  const colon = authority.lastIndexOf(':');
  // No colon, or only those inside the brackets of an IPv6 address.
  if (colon <= authority.lastIndexOf(']')) {
    return { host: authority, port: '' };
  }
  const [port = '', ...path] = authority.slice(colon + 1).split('/');
  if (path.join('/') !== '') {
    throw invalid(`${JSON.stringify(entry)} has a path but is not allowed to`);
  }
  return { host: authority.slice(0, colon), port };
}

function parsePorts(text: string, scheme: string): PortRange | undefined {
  const bad = (reason: string): UserError => invalid(`Invalid allowed host port ${JSON.stringify(text)}: ${reason}`);
  if (text === '*') {
    return undefined;
  }
  if (text === '') {
    const port = WELL_KNOWN_PORTS.get(scheme);
    if (port === undefined) {
      throw bad(
        `no port was provided and the scheme ${JSON.stringify(scheme)} does not have a known default port number`,
      );
    }
    return { start: port, end: port + 1 };
  }
  if (text.startsWith('{')) {
    throw bad('port lists are not yet supported');
  }
  const [first = '', last, ...more] = text.split('..');
  const start = parsePort(first);
  const end = last === undefined ? start : parsePort(last);
  if (start === undefined || end === undefined || more.length > 0) {
    throw bad(last === undefined ? `port "${text}" is not a number` : `port range "${text}" contains non-number`);
  }
  return last === undefined ? { start, end: start + 1 } : { start, end };
}

function parsePort(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= MAX_PORT ? Number(text) : undefined;
}

function schemeProblem(scheme: string): string | undefined {
  if (scheme === '*') {
    return undefined;
  }
  if (scheme.startsWith('{')) {
    return 'scheme lists are not supported';
  }
  return /^\p{Alphabetic}*$/u.test(scheme) ? undefined : 'only alphabetic characters are allowed';
}

function parseHostPattern(text: string): HostPattern {
  const host = text.trim();
  const bad = (reason: string): UserError => invalid(`Invalid allowed host ${JSON.stringify(text)}: ${reason}`);
  if (host === '*') {
    return { kind: 'any' };
  }
  if (host === 'self' || host === 'self.alt') {
    return { kind: 'self' };
  }
  if (host.startsWith('{')) {
    throw bad('host lists are not yet supported');
  }
  const network = parseNetwork(host);
  if (network !== undefined) {
    return { kind: 'network', network };
  }
  const name = host.replace(/\/+$/, '');
  if (name.includes('/')) {
    throw bad('must not include a path');
  }
  const isWildcard = name.startsWith('*.');
  const literal = isWildcard ? name.slice('*.'.length) : name;
  if (literal.includes('*')) {
    throw bad(isWildcard ? 'wildcards are allowed only as prefixes' : 'wildcards are allowed only as subdomains');
  }
  const parsed = parseHost(literal);
  if (parsed === undefined) {
    throw bad(literal === '' ? 'empty host' : 'not a domain name or IP address');
  }
  if (!isWildcard) {
    return { kind: 'exact', host: parsed };
  }
  if (parsed.kind !== 'domain') {
    throw bad("'*.' must be followed by a domain name");
  }
  return { kind: 'subdomains', suffix: `.${parsed.name}` };
}

function allowsHost(pattern: HostPattern, host: Host): boolean {
  switch (pattern.kind) {
    case 'any':
      return true;
    case 'self':
      return false; // self requests have no host; allowsSelf answers for them
    case 'subdomains':
      return host.kind === 'domain' && host.name.endsWith(pattern.suffix);
    case 'exact':
      return sameHost(pattern.host, host);
    case 'network':
      return host.kind === 'ip' && networkContains(pattern.network, host.address);
  }
}

function allowsPort(ports: PortRange | undefined, port: number | undefined): boolean {
  return ports === undefined || (port !== undefined && port >= ports.start && port < ports.end);
}
