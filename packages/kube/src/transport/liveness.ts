// Finds a connection half open: the peer has gone and nobody said so. Only bytes count, and a ping makes the peer send some
// (kube-client 7).
import type { Clock } from '../clock.ts';

/** Load balancers forget a connection after 60 s at the earliest; client-go asks after 30 s. */
const PING_INTERVAL_MS = 20_000;
/** kube-client 7: two pings may get lost in a hiccup of the network. */
export const SILENCE_MS = 60_000;

export interface Liveness {
  /** Bytes have come. */
  heard(): void;
  stop(): void;
}

export function watchLiveness(clock: Clock, ping: () => void, onSilence: () => void): Liveness {
  let lastHeard = clock.now();
  const pingLater = (): (() => void) =>
    clock.after(PING_INTERVAL_MS, () => {
      ping();
      cancelPing = pingLater();
    });
  const endLater = (): (() => void) =>
    clock.after(lastHeard + SILENCE_MS - clock.now(), () => {
      if (clock.now() - lastHeard < SILENCE_MS) {
        cancelEnd = endLater();
        return;
      }
      cancelPing();
      onSilence();
    });
  let cancelPing = pingLater();
  let cancelEnd = endLater();
  return {
    heard() {
      lastHeard = clock.now();
    },
    stop() {
      cancelPing();
      cancelEnd();
    },
  };
}
