// A purse shared by everything that handles one binary: work is paid for before it is done.
import { tooLarge } from './error.ts';

export class Budget {
  readonly #what: string;
  readonly #limit: number;
  #spent = 0;

  constructor(what: string, limit: number) {
    this.#what = what;
    this.#limit = limit;
  }

  spend(amount: number, offset: number): void {
    this.#spent += amount;
    if (this.#spent > this.#limit) {
      throw tooLarge(this.#what, this.#limit, offset);
    }
  }
}
