// The start of a connection: who we are, and the proof of it (PostgreSQL's protocol, "Start-up").
import { createHash } from 'node:crypto';
import type { Channel } from './channel.ts';
import { Fields } from './fields.ts';
import { ProtocolError, type Frame } from './frames.ts';
import { password, saslInitial, saslResponse, startup } from './requests.ts';
import { Scram, SCRAM_SHA_256 } from './scram.ts';

export interface Login {
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  /** Settings of the session, e.g. `application_name`. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** What the address lacks. */
export class LoginError extends Error {
  override readonly name = 'LoginError';
}

/** Authentication requests by number (PostgreSQL's protocol, "Message Formats"). */
const OK = 0;
const CLEARTEXT = 3;
const MD5 = 5;
const SASL = 10;
const SASL_CONTINUE = 11;
const SASL_FINAL = 12;

const SALT_BYTES = 4;

export async function logIn(channel: Channel, login: Login, signal: AbortSignal): Promise<void> {
  const conversation = new Conversation(channel, login);
  const parameters = {
    client_encoding: 'UTF8',
    ...login.parameters,
    user: login.user,
    database: login.database,
  };
  await conversation.guard(channel.exchange(startup(parameters), (frame) => conversation.take(frame), signal));
}

class Conversation {
  readonly #channel: Channel;
  readonly #login: Login;
  #scram: Scram | undefined;
  /** The server has proved what it must; without a proof that was asked for there is no log-in. */
  #proved = true;
  #failure: Error | undefined;

  constructor(channel: Channel, login: Login) {
    this.#channel = channel;
    this.#login = login;
  }

  /** What was found wrong later than a message was taken comes before that the connection was closed for it. */
  async guard(exchange: Promise<void>): Promise<void> {
    try {
      await exchange;
    } catch (error) {
      throw this.#failure ?? error;
    }
  }

  take({ type, body }: Frame): void {
    if (type === 'K') {
      return; // A key for cancelling, which is done by closing the connection here.
    }
    if (type !== 'R') {
      throw new ProtocolError(`an unexpected message of type ${JSON.stringify(type)}`);
    }
    const fields = new Fields(body);
    const request = fields.int32();
    switch (request) {
      case OK:
        if (!this.#proved) {
          throw new ProtocolError('the server ends SCRAM without its proof');
        }
        return;
      case CLEARTEXT:
        this.#channel.write(password(this.#password()));
        return;
      case MD5:
        this.#channel.write(password(this.#md5(fields.rest)));
        return;
      case SASL:
        this.#begin(fields);
        return;
      case SASL_CONTINUE:
        this.#continue(fields.rest.toString('utf8'));
        return;
      case SASL_FINAL:
        this.#scram?.verify(fields.rest.toString('utf8'));
        this.#proved = this.#scram !== undefined;
        return;
      default:
        throw new LoginError('unsupported authentication method');
    }
  }

  #password(): string {
    if (this.#login.password === undefined) {
      throw new LoginError('password missing');
    }
    return this.#login.password;
  }

  #md5(salt: Buffer): string {
    if (salt.length !== SALT_BYTES) {
      throw new ProtocolError('a salt of the wrong length');
    }
    return `md5${md5(md5(this.#password(), this.#login.user), salt)}`;
  }

  #begin(fields: Fields): void {
    const mechanisms: string[] = [];
    for (let name = fields.string(); name !== ''; name = fields.string()) {
      mechanisms.push(name);
    }
    if (!mechanisms.includes(SCRAM_SHA_256)) {
      throw new LoginError('unsupported authentication method');
    }
    this.#scram = new Scram(this.#password());
    this.#proved = false;
    this.#channel.write(saslInitial(SCRAM_SHA_256, this.#scram.first()));
  }

  #continue(serverFirst: string): void {
    if (this.#scram === undefined) {
      throw new ProtocolError('SCRAM goes on that has not begun');
    }
    this.#scram.final(serverFirst).then(
      (final) => this.#channel.write(saslResponse(final)),
      (error: Error) => {
        this.#failure = error;
        this.#channel.destroy();
      },
    );
  }
}

function md5(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash('md5');
  for (const part of parts) {
    hash.update(part);
  }
  return hash.digest('hex');
}
