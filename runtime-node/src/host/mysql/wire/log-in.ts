// The start of a connection: the server's greeting, TLS where it is asked for, and the proof of who we are (MySQL's
// protocol, "Connection Phase").
import type { Socket } from 'node:net';
import { encryptedPassword, isAuthMethod, scramble, type AuthMethod } from './auth.ts';
import type { Channel } from './channel.ts';
import { Fields, withLength } from './fields.ts';
import { ProtocolError } from './packets.ts';

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: string | undefined;
  /** Makes a socket one over TLS; undefined: without. */
  readonly tls: ((socket: Socket) => Promise<Socket>) | undefined;
}

/** The server wants what cannot be given. */
export class LoginError extends Error {
  override readonly name = 'LoginError';
}

const PROTOCOL_VERSION = 10;

/** Capabilities (MySQL's protocol, "Capabilities Flags"). Without LOCAL_FILES: a server could ask for any file. */
const CONNECT_WITH_DB = 0x8;
const PROTOCOL_41 = 0x200;
const SSL = 0x800;
const PLUGIN_AUTH = 0x8_0000;
const PLUGIN_AUTH_LENENC = 0x20_0000;
const WANTED =
  0x1 | // LONG_PASSWORD
  0x4 | // LONG_FLAG
  PROTOCOL_41 |
  0x2000 | // TRANSACTIONS
  0x8000 | // SECURE_CONNECTION
  0x2_0000 | // MULTI_RESULTS
  0x4_0000 | // PS_MULTI_RESULTS
  PLUGIN_AUTH |
  PLUGIN_AUTH_LENENC;

/** What we send in one packet at most: as much as a server takes at most. */
const MAX_PACKET = 1024 * 1024 * 1024;
/** utf8mb4_general_ci, which all versions have. */
const UTF8MB4 = 45;
const FILLER_BYTES = 23;
const SEED_BYTES = 20;

const OK = 0x00;
const MORE = 0x01;
const SWITCH = 0xfe;
/** Of caching_sha2_password: after MORE. */
const FAST_AUTH_OK = 0x03;
const FULL_AUTH = 0x04;
const ASK_FOR_KEY = 0x02;

interface Greeting {
  readonly capabilities: number;
  readonly seed: Buffer;
  readonly method: string;
}

export async function logIn(channel: Channel, login: Login): Promise<void> {
  const greeting = readGreeting(await channel.answer());
  let capabilities = WANTED | (login.database === undefined ? 0 : CONNECT_WITH_DB);
  if (login.tls !== undefined) {
    if ((greeting.capabilities & SSL) === 0) {
      throw new LoginError('Client asks for TLS and the server does not support it');
    }
    capabilities |= SSL;
    channel.send(head(capabilities));
    await channel.secure(login.tls);
  }
  const method: AuthMethod = isAuthMethod(greeting.method) ? greeting.method : 'mysql_native_password';
  const password = Buffer.from(login.password);
  channel.send(
    Buffer.concat([
      head(capabilities),
      terminated(login.user),
      withLength(scramble(method, password, greeting.seed)),
      ...(login.database === undefined ? [] : [terminated(login.database)]),
      terminated(method),
    ]),
  );
  await prove(channel, { method, seed: greeting.seed, password, secret: login.tls !== undefined });
}

interface Proof {
  readonly method: AuthMethod;
  readonly seed: Buffer;
  readonly password: Buffer;
  /** Nobody on the way can read. */
  readonly secret: boolean;
}

async function prove(channel: Channel, proof: Proof, switched = false): Promise<void> {
  const packet = await channel.answer();
  switch (packet[0]) {
    case OK:
      return;
    case SWITCH: {
      if (switched) {
        throw new ProtocolError('the server changes the authentication method again');
      }
      const fields = new Fields(packet, 1);
      const method = fields.terminated().toString('latin1');
      const seed = fields.rest().subarray(0, SEED_BYTES);
      if (!isAuthMethod(method)) {
        throw new LoginError(`Unknown authentication plugin \`${method.slice(0, 64)}'`);
      }
      channel.send(scramble(method, proof.password, seed));
      await prove(channel, { ...proof, method, seed }, true);
      return;
    }
    case MORE:
      if (proof.method === 'caching_sha2_password') {
        await proveInFull(channel, proof, packet[1]);
        return;
      }
  }
  throw new ProtocolError('an unexpected packet in the log-in');
}

async function proveInFull(
  channel: Channel,
  { seed, password, secret }: Proof,
  wanted: number | undefined,
): Promise<void> {
  if (wanted === FULL_AUTH) {
    if (secret) {
      channel.send(Buffer.concat([password, Buffer.from([0])]));
    } else {
      channel.send(Buffer.from([ASK_FOR_KEY]));
      const key = new Fields(await channel.answer(), 1).rest().toString('latin1');
      channel.send(encryptedPassword(password, seed, key));
    }
  } else if (wanted !== FAST_AUTH_OK) {
    throw new ProtocolError('an unexpected packet in the log-in');
  }
  const last = await channel.answer();
  if (last[0] !== OK) {
    throw new ProtocolError('an unexpected packet in the log-in');
  }
}

function readGreeting(packet: Buffer): Greeting {
  const fields = new Fields(packet);
  if (fields.uint(1) !== PROTOCOL_VERSION) {
    throw new ProtocolError('no greeting of a MySQL server');
  }
  fields.terminated(); // The version.
  fields.take(4); // The connection's number.
  const start = fields.take(8);
  fields.take(1);
  const low = fields.uint(2);
  fields.take(3); // Character set and status.
  const capabilities = (low | (fields.uint(2) << 16)) >>> 0;
  fields.take(1 + 10); // The seed's length and what is reserved.
  const seed = Buffer.concat([start, fields.take(SEED_BYTES - start.length)]);
  fields.take(1);
  if ((capabilities & PROTOCOL_41) === 0 || (capabilities & PLUGIN_AUTH) === 0) {
    throw new ProtocolError('a server of before MySQL 5.5');
  }
  return { capabilities, seed, method: fields.terminated().toString('latin1') };
}

function head(capabilities: number): Buffer {
  const bytes = Buffer.alloc(9 + FILLER_BYTES);
  bytes.writeUInt32LE(capabilities, 0);
  bytes.writeUInt32LE(MAX_PACKET, 4);
  bytes.writeUInt8(UTF8MB4, 8);
  return bytes;
}

const terminated = (text: string): Buffer => Buffer.from(`${text}\0`);
