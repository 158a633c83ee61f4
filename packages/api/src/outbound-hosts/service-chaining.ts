// Names of this app's own components as hosts: `<component id>.spin.internal` (spin-contract.md §1.8, §3.6).
const DOMAIN = 'spin.internal';

export const SERVICE_CHAINING_SUFFIX = `.${DOMAIN}`;

/** The component that a request to this host (`id.spin.internal[:port]`) goes to. */
export function serviceChainingTarget(authority: string): string | undefined {
  const colon = authority.lastIndexOf(':');
  const host = colon === -1 ? authority : authority.slice(0, colon);
  const dot = host.indexOf('.');
  return dot !== -1 && host.slice(dot + 1) === DOMAIN ? host.slice(0, dot) : undefined;
}
