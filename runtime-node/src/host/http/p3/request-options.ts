// `request-options` of WASI 0.3: as those of 0.2, but immutable once a request has them.
import { err, ok, type Result } from '../../../component/index.ts';
import { RequestOptions } from '../types/request-options.ts';

type RequestOptionsError = { readonly tag: 'immutable' };
export type Timeout = 'connectTimeout' | 'firstByteTimeout' | 'betweenBytesTimeout';

export class AsyncRequestOptions extends RequestOptions {
  #mutable = true;

  set(name: Timeout, duration: bigint | undefined): Result<undefined, RequestOptionsError> {
    if (!this.#mutable) {
      return err({ tag: 'immutable' });
    }
    this[name] = duration;
    return ok(undefined);
  }

  freeze(): this {
    this.#mutable = false;
    return this;
  }

  /** Mutable. */
  clone(): AsyncRequestOptions {
    const copy = new AsyncRequestOptions();
    copy.connectTimeout = this.connectTimeout;
    copy.firstByteTimeout = this.firstByteTimeout;
    copy.betweenBytesTimeout = this.betweenBytesTimeout;
    return copy;
  }
}
