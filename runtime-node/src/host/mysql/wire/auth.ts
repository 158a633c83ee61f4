// Proofs of a password (MySQL's protocol, "Authentication Methods").
import { constants, createHash, publicEncrypt } from 'node:crypto';
import { ProtocolError } from './packets.ts';

const hash = (algorithm: 'sha1' | 'sha256', ...parts: readonly Buffer[]): Buffer => {
  const digest = createHash(algorithm);
  for (const part of parts) {
    digest.update(part);
  }
  return digest.digest();
};

const xor = (one: Buffer, other: Buffer): Buffer =>
  Buffer.from(one.map((byte, i) => byte ^ (other[i % other.length] ?? 0)));

export type AuthMethod = 'mysql_native_password' | 'caching_sha2_password';

export const isAuthMethod = (name: string): name is AuthMethod =>
  name === 'mysql_native_password' || name === 'caching_sha2_password';

/** The first answer; an empty password has none. */
export function scramble(method: AuthMethod, password: Buffer, seed: Buffer): Buffer {
  if (password.length === 0) {
    return Buffer.alloc(0);
  }
  if (method === 'mysql_native_password') {
    const once = hash('sha1', password);
    return xor(once, hash('sha1', seed, hash('sha1', once)));
  }
  const once = hash('sha256', password);
  return xor(once, hash('sha256', hash('sha256', once), seed));
}

/** For a server that has no hash of the password in its cache, and a connection without TLS. */
export function encryptedPassword(password: Buffer, seed: Buffer, publicKey: string): Buffer {
  const plain = xor(Buffer.concat([password, Buffer.from([0])]), seed);
  try {
    return publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING }, plain);
  } catch (cause) {
    throw new ProtocolError('the server sends no valid key', { cause });
  }
}
