// `postgres://user:password@host1:5432,host2/database?key=value`, as the Rust driver cuts it.
import type { Setting } from './setting.ts';

const SCHEME = /^postgres(?:ql)?:\/\//;
/** Hosts, the database and settings, behind the credentials. */
const REST = /^(?<hosts>[^/?]*)(?:\/(?<database>[^?]*))?(?:\?(?<query>.*))?$/s;
const HOST = /^(?:\[(?<bracketed>[^\]]*)\]|(?<plain>[^:[]*))(?::(?<port>.*))?$/s;

const DEFAULT_PORT = '5432';

export function readUrl(address: string): readonly Setting[] | undefined {
  const whole = address.replace(SCHEME, '');
  // The first @ anywhere ends the credentials.
  const at = whole.indexOf('@');
  const { hosts = '', database = '', query = '' } = REST.exec(whole.slice(at + 1))?.groups ?? {};
  const settings = [
    ...(at === -1 ? [] : credentials(whole.slice(0, at))),
    ...(hosts === '' ? [] : hosts.split(',').flatMap(hostSettings)),
    ...(database === '' ? [] : [['dbname', database] as const]),
    ...(query === '' ? [] : query.split('&').map(pair)),
  ];
  const decoded = settings.map((setting) => setting && decode(setting));
  return decoded.every((setting) => setting !== undefined) ? decoded : undefined;
}

function credentials(text: string): Setting[] {
  const colon = text.indexOf(':');
  return colon === -1
    ? [['user', text]]
    : [
        ['user', text.slice(0, colon)],
        ['password', text.slice(colon + 1)],
      ];
}

/** undefined: no host. */
function hostSettings(text: string): (Setting | undefined)[] {
  const { bracketed, plain, port = DEFAULT_PORT } = HOST.exec(text)?.groups ?? {};
  const host = bracketed ?? plain;
  return host === undefined
    ? [undefined]
    : [
        ['host', host],
        ['port', port],
      ];
}

function pair(text: string): Setting | undefined {
  const equals = text.indexOf('=');
  return equals === -1 ? undefined : [text.slice(0, equals), text.slice(equals + 1)];
}

function decode([key, value]: Setting): Setting | undefined {
  try {
    return [decodeURIComponent(key), decodeURIComponent(value)];
  } catch {
    // expected: a guest may write what it likes.
    return undefined;
  }
}
