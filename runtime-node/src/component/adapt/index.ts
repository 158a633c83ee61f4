// Whatever an app may give as a component, as the bytes of a component: components pass through, core modules of known
// kinds are wrapped (spin-contract.md §3.1). What neither is, the decoder has the words for.
import { UserError } from '@spindle/api';
import { DecodeError } from '../decode/binary/error.ts';

export interface AdaptOptions {
  /** Where the bytes came from, for messages. */
  readonly file?: string;
}

/** `\0asm`, version 1, layer 0. */
const CORE_MODULE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

const isCoreModule = (bytes: Uint8Array): boolean => CORE_MODULE.every((byte, index) => bytes[index] === byte);

export async function toComponent(bytes: Uint8Array, options: AdaptOptions = {}): Promise<Uint8Array> {
  if (!isCoreModule(bytes)) {
    return bytes;
  }
  const { wrapModule } = await import('./wrap.ts');
  try {
    return await wrapModule(bytes);
  } catch (error) {
    throw placed(error, options);
  }
}

function placed(error: unknown, options: AdaptOptions): unknown {
  if (error instanceof DecodeError) {
    const { message, offset, remedy } = error;
    const said = message.replace('a valid component', 'a valid core module');
    return new UserError(said, { code: 'SPK4025', ...options, field: `byte ${offset}`, remedy, cause: error });
  }
  if (error instanceof UserError) {
    const { message, code, place, remedy, cause } = error;
    return new UserError(message, { code, ...place, ...options, ...(remedy === undefined ? {} : { remedy }), cause });
  }
  return error;
}
