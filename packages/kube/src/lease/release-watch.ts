// Tells one who waits for a lease that it is nobody's, sooner than his next look would: a watch from the state he has seen. Only
// a hint, so it may fail in any way; whoever may not watch leases looks from time to time as before (kube-client 19).
import type { ObjectName } from '../client/resource.ts';
import type { KubeClient } from '../client/types.ts';
import { ApiError } from '../transport/errors.ts';
import { readEvent } from '../watch/event.ts';
import { LineSplitter } from '../watch/lines.ts';
import { LEASES, type Lease } from './lease.ts';

/** As of any watch (kube-client 4). */
const TIMEOUT_S = 290;

export class ReleaseWatch {
  readonly #client: KubeClient;
  readonly #lease: Required<ObjectName>;
  readonly #onReleased: () => void;
  #open: AbortController | undefined;
  #isForbidden = false;

  constructor(client: KubeClient, lease: Required<ObjectName>, onReleased: () => void) {
    this.#client = client;
    this.#lease = lease;
    this.#onReleased = onReleased;
  }

  /** From this state on; one that is open goes on. */
  from(seen: Lease): void {
    if (this.#open !== undefined || this.#isForbidden) {
      return;
    }
    const open = new AbortController();
    this.#open = open;
    void this.#read(seen, open.signal).finally(() => {
      if (this.#open === open) {
        this.#open = undefined;
      }
    });
  }

  stop(): void {
    this.#open?.abort();
    this.#open = undefined;
  }

  async #read({ metadata }: Lease, signal: AbortSignal): Promise<void> {
    const { namespace, name } = this.#lease;
    try {
      const stream = await this.#client.watch(LEASES, {
        namespace,
        fieldSelector: `metadata.name=${name}`,
        ...(metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion }),
        timeoutSeconds: TIMEOUT_S,
        signal,
      });
      const lines = new LineSplitter();
      for await (const chunk of stream) {
        for (const line of lines.push(chunk)) {
          if (isRelease(line) && !signal.aborted) {
            this.#onReleased();
          }
        }
      }
    } catch (error) {
      // expected: the next look begins another one.
      this.#isForbidden = error instanceof ApiError && error.status === 403;
    }
  }
}

function isRelease(line: Uint8Array): boolean {
  const event = readEvent<Lease>(line);
  if (event.type === 'ERROR') {
    throw event.error;
  }
  return event.type === 'DELETED' || (event.type !== 'BOOKMARK' && (event.object.spec?.holderIdentity ?? '') === '');
}
