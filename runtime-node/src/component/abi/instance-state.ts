// What the canonical ABI remembers of one component instance. CanonicalABI.md "Component Instance State".
import { InstanceTasks } from '../async/instance-tasks.ts';
import { HandleTable, type SharedHandles } from './handles.ts';

export class InstanceState {
  /** Index in the plan; 0 is the root. */
  readonly index: number;
  readonly handles: HandleTable;
  /** False while the guest runs only to serve lifting and lowering (realloc, post-return), and after a trap. */
  mayLeave = true;
  /** True from the entry of a call until its end: another one must not come in meanwhile. */
  entered = false;

  constructor(index: number, shared: SharedHandles) {
    this.index = index;
    this.handles = new HandleTable(shared);
  }

  /** What runs in it, where the component is asynchronous; made by link/. */
  readonly tasks = new InstanceTasks();

  /** As it was made. */
  reset(): void {
    this.handles.drain();
    this.mayLeave = true;
    this.entered = false;
    this.tasks.reset();
  }
}
