// The names of Services for pods of a cluster: CoreDNS would have to be built, and of what it does tests need one thing,
// the address behind <service>.<namespace>.svc.cluster.local. Names of other networks do not exist here, so that no test
// depends on them. RFC 1035; answers are not cached.
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { request } from 'node:https';

export const CLUSTER_DOMAIN = 'cluster.local';

const HEADER_BYTES = 12;
const TYPE_A = 1;
const CLASS_IN = 1;
const RESPONSE_AUTHORITATIVE = 0x8400;
const RECURSION_DESIRED = 0x0100;
const NO_ERROR = 0;
const SERVER_FAILURE = 2;
const NO_SUCH_NAME = 3;
/** A pointer to the name of the question. */
const SAME_NAME = 0xc000 | HEADER_BYTES;
const TTL_SECONDS = 1;

interface Question {
  readonly name: string;
  readonly type: number;
  /** Where the question ends. */
  readonly end: number;
}

/** IPv4 addresses; undefined when there is no such name. */
export type Lookup = (service: string, namespace: string) => Promise<readonly string[] | undefined>;

export async function startDns(address: string, lookup: Lookup): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    void answerTo(query, lookup).then((answer) => answer && socket.send(answer, from.port, from.address));
  });
  socket.bind(53, address);
  await once(socket, 'listening');
  return socket;
}

/** Undefined for what is no query. */
export async function answerTo(query: Buffer, lookup: Lookup): Promise<Buffer | undefined> {
  const question = questionOf(query);
  if (question === undefined) {
    return undefined;
  }
  const [service = '', namespace = '', ...rest] = question.name.toLowerCase().split('.');
  if (rest.join('.') !== `svc.${CLUSTER_DOMAIN}`) {
    return answerWith(query, question, NO_SUCH_NAME, []);
  }
  try {
    const addresses = await lookup(service, namespace);
    return addresses === undefined
      ? answerWith(query, question, NO_SUCH_NAME, [])
      : answerWith(query, question, NO_ERROR, question.type === TYPE_A ? addresses : []);
  } catch {
    // expected: the API server is restarted; resolvers ask again.
    return answerWith(query, question, SERVER_FAILURE, []);
  }
}

function questionOf(query: Buffer): Question | undefined {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (;;) {
    const length = query[at];
    if (length === undefined || length > 63 || at + length + 5 > query.length) {
      return undefined;
    }
    at += 1;
    if (length === 0) {
      return { name: labels.join('.'), type: query.readUInt16BE(at), end: at + 4 };
    }
    labels.push(query.toString('latin1', at, at + length));
    at += length;
  }
}

function answerWith(query: Buffer, { end }: Question, code: number, addresses: readonly string[]): Buffer {
  const head = Buffer.from(query.subarray(0, end));
  head.writeUInt16BE(RESPONSE_AUTHORITATIVE | (query.readUInt16BE(2) & RECURSION_DESIRED) | code, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(addresses.length, 6);
  // No authorities; what the query had besides (EDNS) is not repeated.
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, ...addresses.map((address) => record(address))]);
}

function record(address: string): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16BE(SAME_NAME, 0);
  bytes.writeUInt16BE(TYPE_A, 2);
  bytes.writeUInt16BE(CLASS_IN, 4);
  bytes.writeUInt32BE(TTL_SECONDS, 6);
  bytes.writeUInt16BE(4, 10);
  bytes.set(address.split('.').map(Number), 12);
  return bytes;
}

interface ApiAccess {
  readonly url: string;
  readonly certificateAuthority: string;
  readonly token: string;
}

interface Endpoints {
  readonly subsets?: readonly { readonly addresses?: readonly { readonly ip: string }[] }[];
}

/** Of a Service with an address of its own that one, of a headless one those of its pods. */
export function lookupIn(api: ApiAccess): Lookup {
  return async (service, namespace) => {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
    const name = encodeURIComponent(service);
    const found = await ask<{ readonly spec: { readonly clusterIP?: string } }>(api, `${path}/services/${name}`);
    const address = found?.spec.clusterIP;
    if (address !== 'None') {
      return address === undefined ? undefined : [address];
    }
    const { subsets = [] } = (await ask<Endpoints>(api, `${path}/endpoints/${name}`)) ?? {};
    return subsets.flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip));
  };
}

/** Undefined for 404. */
async function ask<T>({ url, certificateAuthority, token }: ApiAccess, path: string): Promise<T | undefined> {
  const asked = request(`${url}${path}`, { ca: certificateAuthority, headers: { authorization: `Bearer ${token}` } });
  asked.end();
  const [response] = await once(asked, 'response');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk;
  }
  if (response.statusCode === 404) {
    return undefined;
  }
  if (response.statusCode !== 200) {
    throw new Error(`${path}: ${response.statusCode} ${text}`);
  }
  return JSON.parse(text) as T;
}
