// How a guest ends itself through wasi:cli/exit. In an HTTP handler this is a failure like a trap, whatever the status
// (spin-contract.md §4.11); a command trigger makes it the process's exit code.
import { Trap } from '../../component/index.ts';

export class GuestExit extends Trap {
  /** 0 to 255. */
  readonly status: number;
  override readonly orderly: boolean;

  constructor(status: number) {
    super(`the guest called exit with status ${status}`);
    this.status = status;
    this.orderly = status === 0;
  }
}
