// Decides which functions check the time when they are entered. Loops check at their heads, so what is left is time
// spent in calls: every cycle of calls must come by a check, and no stretch without one may be long, for a thousand
// functions that each call the next one twice need more time than there is.
//
// A call of an import or through a reference may end in any function that is exported or referred to. All these meet
// in one place, the outside: a function that can be entered from there and can lead back to it checks.
import type { BodyRecorder } from './code.ts';

/** Bytes of code that may run between two checks: about 0.1 ms. */
const LONG = 100_000;
/** Bytes of code that a function may stand for which is called, without a check, from one that is long. */
const SHORT = 1_000;

const NOT_SEEN = 0;
const OPEN = 1;
const DONE = 2;

export class CallGraph implements BodyRecorder {
  readonly #imported: number;
  readonly #count: number;
  /** Calls of defined functions in the order of the code: those of function i from #firstCall[i] on. */
  #callees = new Uint32Array(1024);
  #calls = 0;
  readonly #firstCall: Uint32Array;
  readonly #sizes: Uint32Array;
  readonly #leadsOutside: Uint8Array;
  readonly #enteredFromOutside: Uint8Array;
  /** The function whose body is being read. */
  #current = -1;

  constructor(imported: number, defined: number) {
    this.#imported = imported;
    this.#count = defined;
    this.#firstCall = new Uint32Array(defined + 1);
    this.#sizes = new Uint32Array(defined);
    this.#leadsOutside = new Uint8Array(defined);
    this.#enteredFromOutside = new Uint8Array(defined);
  }

  begin(size: number): void {
    this.#current += 1;
    this.#sizes[this.#current] = size;
    this.#firstCall[this.#current] = this.#calls;
  }

  call(func: number): void {
    if (func < this.#imported) {
      this.callUnknown();
      return;
    }
    if (this.#calls === this.#callees.length) {
      const larger = new Uint32Array(2 * this.#calls);
      larger.set(this.#callees);
      this.#callees = larger;
    }
    this.#callees[this.#calls++] = func - this.#imported;
  }

  callUnknown(): void {
    if (this.#current >= 0) {
      this.#leadsOutside[this.#current] = 1;
    }
  }

  reference(func: number): void {
    if (func >= this.#imported) {
      this.#enteredFromOutside[func - this.#imported] = 1;
    }
  }

  /** By the index of a defined function, 1 where it checks at its entry. */
  checked(): Uint8Array {
    this.#firstCall.fill(this.#calls, this.#current + 1);
    const checked = this.#leadsBackOutside();
    this.#breakCycles(checked);
    return checked;
  }

  /** Functions that are entered from outside and from which calls lead there again. */
  #leadsBackOutside(): Uint8Array {
    const leads = this.#leadsOutside.slice();
    const callers = this.#reversed();
    const queue = [...leads.keys()].filter((func) => leads[func] === 1);
    for (let func = queue.pop(); func !== undefined; func = queue.pop()) {
      const end = callers.first[func + 1] as number;
      for (let at = callers.first[func] as number; at < end; at += 1) {
        const caller = callers.list[at] as number;
        if (leads[caller] === 0) {
          leads[caller] = 1;
          queue.push(caller);
        }
      }
    }
    return leads.map((lead, func) => lead & (this.#enteredFromOutside[func] as number));
  }

  #reversed(): { readonly first: Uint32Array; readonly list: Uint32Array } {
    const first = new Uint32Array(this.#count + 2);
    const callees = this.#callees.subarray(0, this.#calls);
    for (const callee of callees) {
      first[callee + 2] = (first[callee + 2] as number) + 1;
    }
    for (let func = 2; func < first.length; func += 1) {
      first[func] = (first[func] as number) + (first[func - 1] as number);
    }
    // first[i + 1] now is where the callers of i begin; it moves to where they end, which is where those of i + 1 begin.
    const list = new Uint32Array(this.#calls);
    for (let func = 0; func < this.#count; func += 1) {
      const end = this.#firstCall[func + 1] as number;
      for (let at = this.#firstCall[func] as number; at < end; at += 1) {
        const callee = callees[at] as number;
        const place = first[callee + 1] as number;
        list[place] = func;
        first[callee + 1] = place + 1;
      }
    }
    return { first, list };
  }

  /**
   * Depth first through direct calls. A call of a function that is still open closes a cycle, and that function checks;
   * a function that is done knows how much code runs in it until the next check.
   */
  #breakCycles(checked: Uint8Array): void {
    const state = new Uint8Array(this.#count);
    const cost = new Float64Array(this.#count);
    const next = this.#firstCall.slice();
    const open: number[] = [];
    const enter = (func: number): void => {
      state[func] = OPEN;
      open.push(func);
    };
    for (let root = 0; root < this.#count; root += 1) {
      if (state[root] === NOT_SEEN) {
        enter(root);
      }
      for (let func = open.at(-1); func !== undefined; func = open.at(-1)) {
        const at = next[func] as number;
        if (at === this.#firstCall[func + 1]) {
          open.pop();
          state[func] = DONE;
          cost[func] = this.#cost(func, cost, checked);
          continue;
        }
        next[func] = at + 1;
        const callee = this.#callees[at] as number;
        if (state[callee] === OPEN) {
          checked[callee] = 1;
        } else if (state[callee] === NOT_SEEN) {
          enter(callee);
        }
      }
    }
  }

  /** Bytes of code until the next check; when that is too much, the function checks, and so do its larger callees. */
  #cost(func: number, costs: Float64Array, checked: Uint8Array): number {
    const callees = this.#callees.subarray(this.#firstCall[func], this.#firstCall[func + 1]);
    let cost = this.#sizes[func] as number;
    for (const callee of callees) {
      cost += checked[callee] === 1 ? 0 : (costs[callee] as number);
    }
    if (cost > LONG) {
      checked[func] = 1;
      for (const callee of callees) {
        if ((costs[callee] as number) > SHORT) {
          checked[callee] = 1;
        }
      }
    }
    return cost;
  }
}

/** For modules whose time is not watched. */
export const noCalls: BodyRecorder = {
  begin() {},
  call() {},
  callUnknown() {},
  reference() {},
};
