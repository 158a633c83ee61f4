// What `request` and `response` of WASI 0.3 share: headers that nobody changes any more, and contents.
import type { Fields } from '../types/fields.ts';
import type { Contents } from './contents.ts';

export abstract class Message implements Disposable {
  readonly headers: Fields;
  readonly contents: Contents;

  constructor(headers: Fields, contents: Contents) {
    this.headers = headers.freeze();
    this.contents = contents;
  }

  [Symbol.dispose](): void {
    this.contents[Symbol.dispose]();
    this.headers.release();
  }
}
