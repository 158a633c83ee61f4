// An error that the server reports (MySQL's protocol, ERR_Packet).
import { debugString } from '../../rust-text/debug.ts';

/** What the Rust driver has where the server says none. */
const NO_STATE = 'HY000';

export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly code: number;
  readonly state: string;

  constructor(code: number, state: string, message: string) {
    super(message);
    this.code = code;
    this.state = state === '' ? NO_STATE : state;
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
