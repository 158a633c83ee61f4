// The messages that are sent (PostgreSQL's protocol 3.0, "Message Formats").

const PROTOCOL_VERSION = 196_608; // 3.0
const SSL_REQUEST = 80_877_103;
/** Of all values of a row, and of all parameters. */
const BINARY = 1;

const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
};

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** A zero within would end the text early, so that a statement could not say what it seems to. */
const string = (text: string): Buffer => {
  if (text.includes('\0')) {
    throw new TypeError('a text for the server holds a zero byte');
  }
  return Buffer.from(`${text}\0`);
};

function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 4);
  return Buffer.concat([Buffer.from(type), int32(length), ...parts]);
}

export const sslRequest = (): Buffer => Buffer.concat([int32(8), int32(SSL_REQUEST)]);

export function startup(parameters: Readonly<Record<string, string>>): Buffer {
  const pairs = Object.entries(parameters).flatMap(([name, value]) => [string(name), string(value)]);
  return message('', int32(PROTOCOL_VERSION), ...pairs, Buffer.from([0]));
}

export const password = (text: string): Buffer => message('p', string(text));

export const saslInitial = (mechanism: string, response: string): Buffer =>
  message('p', string(mechanism), int32(Buffer.byteLength(response)), Buffer.from(response));

export const saslResponse = (response: string): Buffer => message('p', Buffer.from(response));

/** The unnamed statement; a type of 0, and one that is left out, is for the server to find. */
export const parse = (statement: string, types: readonly number[]): Buffer =>
  message('P', string(''), string(statement), int16(types.length), ...types.map(uint32));

export const describeStatement = (): Buffer => message('D', Buffer.from('S'), string(''));
export const describePortal = (): Buffer => message('D', Buffer.from('P'), string(''));

export function bind(parameters: readonly (Buffer | undefined)[]): Buffer {
  const values = parameters.flatMap((value) => (value === undefined ? [int32(-1)] : [int32(value.length), value]));
  return message(
    'B',
    string(''),
    string(''),
    int16(1),
    int16(BINARY),
    int16(parameters.length),
    ...values,
    int16(1),
    int16(BINARY),
  );
}

export const execute = (): Buffer => message('E', string(''), int32(0));
export const simpleQuery = (sql: string): Buffer => message('Q', string(sql));
export const copyFail = (reason: string): Buffer => message('f', string(reason));
export const sync = (): Buffer => message('S');
export const terminate = (): Buffer => message('X');
