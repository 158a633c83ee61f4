// HTTPS_PROXY, HTTP_PROXY and NO_PROXY, read as curl reads them. Only who asks for it gets it: a proxy that is meant for the
// pods' own traffic must not stand before the API server (kube-client 22).
import { BlockList, isIP, isIPv6 } from 'node:net';
import { UserError } from '@spindle/api';

type Environment = Readonly<Record<string, string | undefined>>;

export function proxyFromEnvironment(server: URL, env: Environment): URL | undefined {
  const name = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const value = env[name] || env[name.toLowerCase()] || '';
  if (value === '' || isExempt(server, env['NO_PROXY'] || env['no_proxy'] || '')) {
    return undefined;
  }
  const proxy = URL.parse(value.includes('://') ? value : `http://${value}`);
  if (proxy === null || !['http:', 'https:'].includes(proxy.protocol)) {
    throw new UserError(`${name} is not the URL of an http or https proxy`, {
      code: 'SPK7007',
      remedy: `Write ${name} as http://host:port, or name the API server in NO_PROXY.`,
    });
  }
  return proxy;
}

function isExempt(server: URL, list: string): boolean {
  const host = server.hostname.replace(/^\[|\]$/g, '');
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || matches(host, server.port, entry.toLowerCase()));
}

/** `entry` is an address, a network, or a name that stands for all names under it; a port may follow. */
function matches(host: string, port: string, entry: string): boolean {
  const [, bare = entry, wantedPort] = /^(.*[^:]):(\d+)$/.exec(isIPv6(entry) ? '' : entry) ?? [];
  if (wantedPort !== undefined && wantedPort !== port) {
    return false;
  }
  const name = bare.replace(/^\[|\]$/g, '').replace(/^\*?\./, '');
  if (isIP(host) !== 0) {
    return host === name || inNetwork(host, name);
  }
  return host === name || host.endsWith(`.${name}`);
}

function inNetwork(address: string, network: string): boolean {
  const [base = '', bits = ''] = network.split('/');
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  const isNetwork =
    isIP(base) === isIP(address) && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 'ipv6' ? 128 : 32);
  if (!isNetwork) {
    return false;
  }
  const list = new BlockList();
  list.addSubnet(base, Number(bits), family);
  return list.check(address, family);
}
