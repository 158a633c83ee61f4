// Watches the packets between a MySQL server and the client (MySQL's protocol, "MySQL Packets", "Command Phase"): their order,
// and how much an answer is. The client holds and believes whatever comes (docs/design/20261121-database-drivers.md).
import { ResultBytes } from '../../result-size.ts';
import type { Guard } from '../../driver-socket/guarded-socket.ts';
import { ProtocolError, ResultTooLarge } from '../../driver-socket/failures.ts';

const HEADER_BYTES = 4;
const SEQUENCES = 256;
/** A part of this length is not the last of its packet. */
const MAX_PART_BYTES = 0xff_ff_ff;
/** An EOF packet is shorter; a longer one that begins so is a row. Also what is looked at of a packet. */
const HEAD_BYTES = 9;

const PROTOCOL_VERSION = 10;
const OK = 0x00;
const LOCAL_INFILE = 0xfb;
const EOF = 0xfe;
const ERR = 0xff;
const MORE_RESULTS = 0x8;
/** COM_STMT_EXECUTE; what answers the others is no result. */
const EXECUTE = 0x17;

/** 4096 columns, which is MySQL's limit, with 4 KiB each: five times what their names may take. */
const MAX_DEFINITION_BYTES = 16 * 1024 * 1024;

/** What the next packet from the server is. */
type Expected = 'greeting' | 'answer' | 'result' | 'definition' | 'row';

/** Cuts bytes of one direction into packets, of which it keeps the first few bytes. */
class Packets {
  /** The number that the next part has. */
  sequence = 0;
  /** Of the packet so far, with all its parts. */
  length = 0;
  #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  #partLength = 0;
  #partLeft = 0;
  readonly #head = Buffer.alloc(HEAD_BYTES);
  #headLength = 0;

  /** Nothing of a next packet has come. */
  get empty(): boolean {
    return this.#headerBytes === 0 && this.length === 0;
  }

  /** `onPart` hears of each part by its header, `onPacket` of each packet when it is complete. */
  scan(chunk: Buffer, onPart: (sequence: number) => void, onPacket: (head: Buffer) => void): void {
    for (let at = 0; at < chunk.length || (this.#headerBytes === HEADER_BYTES && this.#partLeft === 0);) {
      if (this.#headerBytes < HEADER_BYTES) {
        const end = Math.min(chunk.length, at + HEADER_BYTES - this.#headerBytes);
        chunk.copy(this.#header, this.#headerBytes, at, end);
        this.#headerBytes += end - at;
        at = end;
        if (this.#headerBytes === HEADER_BYTES) {
          this.#partLength = this.#header.readUIntLE(0, 3);
          this.#partLeft = this.#partLength;
          this.length += this.#partLength;
          onPart(this.#header.readUInt8(3));
        }
        continue;
      }
      const end = Math.min(chunk.length, at + this.#partLeft);
      if (this.#headLength < HEAD_BYTES) {
        this.#headLength += chunk.copy(this.#head, this.#headLength, at, end);
      }
      this.#partLeft -= end - at;
      at = end;
      if (this.#partLeft === 0) {
        this.#headerBytes = 0;
        if (this.#partLength < MAX_PART_BYTES) {
          onPacket(this.#head.subarray(0, this.#headLength));
          this.#headLength = 0;
          this.length = 0;
        }
      }
    }
  }
}

export class PacketGuard implements Guard {
  /** Whether the rows of the next answer are kept. */
  keepsRows = true;
  readonly #sent = new Packets();
  readonly #received = new Packets();
  #expected: Expected = 'greeting';
  #definitionBytes = 0;
  #columns = 0;
  #result = new ResultBytes();

  /** Nothing has come of what the client has not been given whole. */
  get quiet(): boolean {
    return this.#received.empty;
  }

  /** Throws ProtocolError or ResultTooLarge; must not be used again then. */
  *inspect(chunk: Buffer): Generator<Buffer> {
    this.#received.scan(
      chunk,
      (sequence) => this.#part(sequence),
      (head) => this.#packet(head),
    );
    yield chunk;
  }

  sending(chunk: Buffer): void {
    this.#sent.scan(
      chunk,
      (sequence) => {
        this.#received.sequence = (sequence + 1) % SEQUENCES;
        this.#definitionBytes = 0;
      },
      (head) => {
        if (this.#expected !== 'greeting' && this.#received.sequence === 1 && head[0] === EXECUTE) {
          this.#expected = 'result';
          this.#result = new ResultBytes();
        } else if (this.#expected !== 'greeting') {
          this.#expected = 'answer';
        }
      },
    );
  }

  #part(sequence: number): void {
    if (sequence !== this.#received.sequence) {
      throw new ProtocolError('packets out of order');
    }
    this.#received.sequence = (sequence + 1) % SEQUENCES;
    const { length } = this.#received;
    if (this.#expected !== 'row') {
      if (this.#definitionBytes + length > MAX_DEFINITION_BYTES) {
        throw new ProtocolError('definitions without an end');
      }
    } else if (!new ResultBytes().add(length)) {
      throw new ResultTooLarge();
    }
  }

  #packet(head: Buffer): void {
    const { length } = this.#received;
    const first = head[0];
    const isEof = first === EOF && length < HEAD_BYTES;
    switch (this.#expected) {
      case 'greeting':
        if (first !== PROTOCOL_VERSION && first !== ERR) {
          throw new ProtocolError('no greeting of a MySQL server');
        }
        this.#expected = 'answer';
        return;
      case 'result':
        if (first === LOCAL_INFILE) {
          throw new ProtocolError('the server asks for a file');
        }
        this.#columns = 0;
        // The status of an OK packet is behind two lengths: the client knows where. Another result begins like this one.
        this.#expected = first === OK || first === ERR ? 'result' : 'definition';
        return;
      case 'definition':
        this.#columns += 1;
        this.#definitionBytes += length;
        this.#expected = isEof ? 'row' : 'definition';
        return;
      case 'row':
        if (isEof) {
          this.#expected = head.length >= 5 && (head.readUInt16LE(3) & MORE_RESULTS) !== 0 ? 'result' : 'answer';
        } else if (first === ERR) {
          this.#expected = 'answer';
        } else if (this.keepsRows && !this.#result.add(length, this.#columns)) {
          throw new ResultTooLarge();
        }
        return;
      default:
        this.#definitionBytes += length;
    }
  }
}
