// The deprecated `allowed_http_hosts`, in the terms of `allowed_outbound_hosts` (spin-contract.md §1.9).
const ALLOW_ALL = 'insecure:allow-all';

export type Conversion =
  | { readonly kind: 'converted'; readonly hosts: readonly string[] }
  | { readonly kind: 'invalid'; readonly message: string };

export function convertAllowedHttpHosts(entries: readonly string[]): Conversion {
  if (entries.includes(ALLOW_ALL)) {
    return { kind: 'converted', hosts: ['http://*:*', 'https://*:*', 'http://self'] };
  }
  const results = entries.map(convertEntry);
  const problems = results.flatMap((result) => ('problem' in result ? [result.problem] : []));
  if (problems.length > 0) {
    const message = ['One or more allowed_http_hosts entries was invalid:', ...problems].join('\n');
    return { kind: 'invalid', message };
  }
  return { kind: 'converted', hosts: results.flatMap((result) => ('hosts' in result ? result.hosts : [])) };
}

function convertEntry(entry: string): { hosts: string[] } | { problem: string } {
  // `localhost:3001` is a URL of the scheme "localhost" to a URL parser, so only `//` makes an entry one.
  const url = URL.parse(entry.includes('//') ? entry : `http://${entry}`);
  if (url === null || url.hostname === '' || !['http:', 'https:'].includes(url.protocol)) {
    return { problem: `${entry} isn't a valid host or host:port string` };
  }
  if (url.pathname.length > 1) {
    return { problem: `${entry} contains a path, should be host and optional port only` };
  }
  if (url.hostname === 'self') {
    return { hosts: ['http://self'] };
  }
  return { hosts: [`http://${url.host}`, `https://${url.host}`] };
}
