// The list `allowed_outbound_hosts` of one component: checked when the app is loaded, resolved when it runs
// (spin-contract.md §1.8). Error texts name templates, never what they resolved to: that may be secret.
import { UserError } from '../errors.ts';
import type { LockedVariable } from '../locked-app/types.ts';
import { VariableError } from '../variables/error.ts';
import { fillTemplate, parseTemplate, templateVariables } from '../variables/template.ts';
import type { VariableResolver } from '../variables/types.ts';
import { type AllowedHost, allowsDestination, allowsSelf, type Destination, parseAllowedHost } from './allowed-host.ts';
import { parseOutboundUrl } from './outbound-url.ts';
import { SERVICE_CHAINING_SUFFIX } from './service-chaining.ts';

const SELF_SCHEMES = ['http', 'https'];
const FIELD = 'allowed_outbound_hosts';
const TEMPLATE_REMEDY = 'Correct the variable or the template: <scheme>://<host>[:<port>] must come out.';

/** What one component may connect to. */
export class AllowedHosts {
  readonly #hosts: readonly AllowedHost[];

  constructor(hosts: readonly AllowedHost[]) {
    this.#hosts = hosts;
  }

  allows(destination: Destination): boolean {
    return this.#hosts.some((host) => allowsDestination(host, destination));
  }

  /** Whether an entry allows some destination of this scheme. */
  allowsScheme(scheme: string): boolean {
    return this.#hosts.some((host) => host.scheme === undefined || host.scheme === scheme);
  }

  /** False also when no destination can be seen in the address. */
  allowsUrl(address: string, defaultScheme: string): boolean {
    const destination = parseOutboundUrl(address, defaultScheme);
    return destination !== undefined && this.allows(destination);
  }

  /** Requests of the application to itself. */
  allowsSelf(schemes: readonly string[] = SELF_SCHEMES): boolean {
    return this.#hosts.some((host) => allowsSelf(host, schemes));
  }
}

/**
 * Reads one entry as far as can be known before the app runs: a template is tried with the variables' defaults, and
 * passed over when one has none. Throws a UserError, or a VariableError for a template that is none.
 */
export function checkAllowedHost(
  entry: string,
  variables: ReadonlyMap<string, LockedVariable>,
): AllowedHost | undefined {
  const template = parseTemplate(entry);
  const names = templateVariables(template);
  if (names.length === 0) {
    return parseAllowedHost(entry);
  }
  const resolved = fillTemplate(template, (name) => variables.get(name)?.default);
  if (resolved === undefined || isBlank(resolved)) {
    return undefined;
  }
  try {
    return parseAllowedHost(resolved);
  } catch (error) {
    if (!(error instanceof UserError)) {
      throw error;
    }
    const isSecret = names.some((name) => variables.get(name)?.secret === true);
    const what = `using default variable value(s) with template ${JSON.stringify(entry)} results in invalid config`;
    throw new UserError(isSecret ? what : `${what} ${JSON.stringify(resolved)}: ${error.message}`, {
      code: 'SPK1007',
      remedy: error.remedy ?? TEMPLATE_REMEDY,
    });
  }
}

/** The one entry that Spin refuses by name; it meant "everything" in `allowed_http_hosts`. */
export function allowAllProblem(entries: readonly string[]): string | undefined {
  return entries.length === 1 && entries[0] === 'insecure:allow-all'
    ? "'insecure:allow-all' is not allowed - use '*://*:*' instead if you really want to allow all outbound traffic'"
    : undefined;
}

export interface AllowedHostsContext {
  readonly resolver: VariableResolver;
  /** Of this app: what `*.spin.internal` stands for. */
  readonly componentIds: readonly string[];
}

/**
 * Asks the variable providers for what the templates need. Throws a UserError when a provider fails or an entry is no
 * allowed host. A template with a variable that the app does not have allows nothing, as in Spin.
 */
export async function resolveAllowedHosts(
  entries: readonly string[],
  { resolver, componentIds }: AllowedHostsContext,
): Promise<AllowedHosts> {
  const problem = allowAllProblem(entries);
  if (problem !== undefined) {
    throw new UserError(problem, { code: 'SPK1007', field: FIELD });
  }
  const hosts: AllowedHost[] = [];
  for (const entry of entries) {
    const host = entry.includes('{{') ? await resolveTemplate(entry, resolver) : parseAllowedHost(entry);
    hosts.push(...(host === undefined ? [] : [host]));
  }
  return new AllowedHosts(hosts.flatMap((host) => expandServiceChaining(host, componentIds)));
}

async function resolveTemplate(entry: string, resolver: VariableResolver): Promise<AllowedHost | undefined> {
  try {
    const resolved = await resolver.resolveTemplate(entry);
    return isBlank(resolved) ? undefined : parseResolved(entry, resolved);
  } catch (error) {
    if (!(error instanceof VariableError)) {
      throw error;
    }
    if (error.kind === 'other') {
      return undefined;
    }
    throw new UserError(`cannot resolve the allowed host ${JSON.stringify(entry)}: ${error.message}`, {
      code: 'SPK1008',
      field: FIELD,
      remedy: 'Give the variables in it a value, or mend their provider.',
      cause: error,
    });
  }
}

/** What an unset optional variable leaves of `{{ url }}` or `https://{{ host }}`. */
function isBlank(resolved: string): boolean {
  return ['', 'http://', 'https://'].includes(resolved);
}

function parseResolved(entry: string, resolved: string): AllowedHost {
  try {
    return parseAllowedHost(resolved);
  } catch (error) {
    // No cause: its message quotes the resolved text.
    throw error instanceof UserError
      ? new UserError(`template ${JSON.stringify(entry)} resolves to an invalid allowed host`, {
          code: 'SPK1008',
          field: FIELD,
          remedy: TEMPLATE_REMEDY,
        })
      : error;
  }
}

function expandServiceChaining(allowed: AllowedHost, componentIds: readonly string[]): AllowedHost[] {
  if (allowed.host.kind !== 'subdomains' || allowed.host.suffix !== SERVICE_CHAINING_SUFFIX) {
    return [allowed];
  }
  return componentIds.map((id) => ({
    ...allowed,
    host: { kind: 'exact', host: { kind: 'domain', name: `${id.toLowerCase()}${SERVICE_CHAINING_SUFFIX}` } },
  }));
}
