// An error that the server reports (MySQL's protocol, ERR_Packet).
import { debugString } from '../../rust-text/debug.ts';
import { Fields } from './fields.ts';

export const ERR = 0xff;
const STATE_MARK = '#'.charCodeAt(0);
const STATE_BYTES = 5;
/** What the Rust driver has where the server says none. */
const NO_STATE = 'HY000';

export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly code: number;
  readonly state: string;

  constructor(code: number, state: string, message: string) {
    super(message);
    this.code = code;
    this.state = state;
  }

  /** As the Rust driver shows it to people. */
  get text(): string {
    return `ERROR ${this.state} (${this.code}): ${this.message}`;
  }

  /** As the Rust driver shows it to programmers. */
  get debug(): string {
    const fields = `code: ${this.code}, message: ${debugString(this.message)}, state: ${debugString(this.state)}`;
    return `Server(ServerError { ${fields} })`;
  }
}

export function readServerError(packet: Buffer): ServerError {
  const fields = new Fields(packet, 1);
  const code = fields.uint(2);
  let state = NO_STATE;
  if (fields.peek() === STATE_MARK) {
    fields.take(1);
    state = fields.take(STATE_BYTES).toString('latin1');
  }
  return new ServerError(code, state, fields.rest().toString('utf8'));
}
