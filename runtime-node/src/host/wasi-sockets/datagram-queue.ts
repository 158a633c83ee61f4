// Datagrams that have arrived and that the guest has not fetched. As in the system's own buffer, what does not fit is
// lost: a sender must not fill the memory of the host.
import type { SocketAddress } from './address.ts';

export interface Datagram {
  readonly data: Uint8Array;
  readonly from: SocketAddress;
}

/** Linux's rmem_default. */
const MAX_BYTES = 212_992;
/** What a datagram costs beside its data, so that empty ones do not come for nothing. */
const OVERHEAD = 256;

export class DatagramQueue {
  #datagrams: Datagram[] = [];
  #bytes = 0;

  get empty(): boolean {
    return this.#datagrams.length === 0;
  }

  push(datagram: Datagram): void {
    const size = sizeOf(datagram);
    if (this.#bytes + size <= MAX_BYTES) {
      this.#bytes += size;
      this.#datagrams.push(datagram);
    }
  }

  /** At most `max`, the oldest first. */
  take(max: number): Datagram[] {
    const taken = this.#datagrams.splice(0, max);
    this.#bytes -= total(taken);
    return taken;
  }

  /** Drops the others. */
  keep(wanted: (datagram: Datagram) => boolean): void {
    this.#datagrams = this.#datagrams.filter(wanted);
    this.#bytes = total(this.#datagrams);
  }
}

const sizeOf = ({ data }: Datagram): number => data.length + OVERHEAD;

const total = (datagrams: readonly Datagram[]): number => datagrams.reduce((sum, each) => sum + sizeOf(each), 0);
