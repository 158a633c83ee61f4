// The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), without channel binding. The server must prove, too, that it
// knows the password.
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { ProtocolError } from './frames.ts';

export const SCRAM_SHA_256 = 'SCRAM-SHA-256';

const derive = promisify(pbkdf2);

const HASH = 'sha256';
const HASH_BYTES = 32;
const NONCE_BYTES = 18;
/** No channel binding, and no other identity. */
const HEADER = 'n,,';
/** A server that asks for more would keep this process busy for a second and longer; PostgreSQL asks for 4096. */
const MAX_ITERATIONS = 1_000_000;

const hmac = (key: Buffer, text: string): Buffer => createHmac(HASH, key).update(text).digest();

export class Scram {
  readonly #password: string;
  readonly #nonce: string;
  #signature: Buffer | undefined;

  constructor(password: string, nonce = randomBytes(NONCE_BYTES).toString('base64')) {
    this.#password = password;
    this.#nonce = nonce;
  }

  /** The user stands in the start-up message, and is left out here, as in libpq. */
  first(): string {
    return `${HEADER}${this.#firstBare()}`;
  }

  /** The answer to the server's first message. */
  async final(serverFirst: string): Promise<string> {
    const {
      nonce = '',
      salt = '',
      iterations = '',
    } = /^r=(?<nonce>[!-+\--~]+),s=(?<salt>[A-Za-z0-9+/=]+),i=(?<iterations>[1-9]\d{0,9})(?:,|$)/.exec(serverFirst)
      ?.groups ?? {};
    if (!nonce.startsWith(this.#nonce) || nonce === this.#nonce || Number(iterations) > MAX_ITERATIONS) {
      throw new ProtocolError('the server sends no valid SCRAM message');
    }
    // SASLprep (RFC 4013) of what passwords are made of: compatibility forms, and spaces of other kinds.
    const password = this.#password.replaceAll(/\p{Zs}/gu, ' ').normalize('NFKC');
    const salted = await derive(password, Buffer.from(salt, 'base64'), Number(iterations), HASH_BYTES, HASH);
    const withoutProof = `c=${Buffer.from(HEADER).toString('base64')},r=${nonce}`;
    const message = `${this.#firstBare()},${serverFirst},${withoutProof}`;
    this.#signature = hmac(hmac(salted, 'Server Key'), message);
    const clientKey = hmac(salted, 'Client Key');
    const clientSignature = hmac(createHash(HASH).update(clientKey).digest(), message);
    const proof = clientKey.map((byte, i) => byte ^ (clientSignature[i] ?? 0));
    return `${withoutProof},p=${Buffer.from(proof).toString('base64')}`;
  }

  /** Throws when the server does not know the password either. */
  verify(serverFinal: string): void {
    const [, base64 = ''] = /^v=([A-Za-z0-9+/=]+)/.exec(serverFinal) ?? [];
    const signature = Buffer.from(base64, 'base64');
    const expected = this.#signature;
    if (expected === undefined || signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
      throw new ProtocolError('the server cannot prove that it knows the password');
    }
  }

  #firstBare(): string {
    return `n=,r=${this.#nonce}`;
  }
}
