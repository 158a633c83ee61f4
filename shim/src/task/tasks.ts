// All containers of one shim server, by id.
import { create } from '@bufbuild/protobuf';
import { TaskCreateSchema } from '../generated/events_pb.ts';
import type { CreateTaskRequest } from '../generated/task_pb.ts';
import { findRuntime } from '../oci-runtime/find.ts';
import { readOptions } from '../oci-runtime/options.ts';
import { createOciRuntime } from '../oci-runtime/runtime.ts';
import { RpcError } from '../ttrpc/index.ts';
import { readSpec, type Spec } from './bundle.ts';
import { Task, type TaskKind, type TaskMeans } from './task.ts';

/** Looks at a container before it is made and changes its bundle when it is to be run by us. */
export type PrepareBundle = (container: {
  id: string;
  bundle: string;
  rootfs: string;
  spec: Spec;
}) => Promise<TaskKind>;

export interface TasksOptions {
  readonly means: TaskMeans;
  readonly prepare: PrepareBundle;
  /** Below it the OCI runtime keeps its state. */
  readonly stateRoot: string;
  /** PATH, for the OCI runtime. */
  readonly path: string;
  /** After a change of how many there are. */
  readonly onChange: () => void;
}

export class Tasks {
  readonly #options: TasksOptions;
  /** Undefined while it is made. */
  readonly #tasks = new Map<string, Task | undefined>();

  constructor(options: TasksOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#tasks.size;
  }

  get(id: string): Task {
    const task = this.#tasks.get(id);
    if (task === undefined) {
      throw new RpcError('notFound', id);
    }
    return task;
  }

  async create(request: CreateTaskRequest): Promise<Task> {
    const { id, bundle } = request;
    const options = readOptions(request.options);
    if (request.checkpoint !== '' || request.parentCheckpoint !== '') {
      throw new RpcError('unimplemented', 'checkpoint is not supported');
    }
    if (request.terminal) {
      throw new RpcError('unimplemented', 'terminal is not supported');
    }
    if (this.#tasks.has(id)) {
      throw new RpcError('alreadyExists', id);
    }
    this.#tasks.set(id, undefined);
    this.#options.onChange();
    try {
      const { means, prepare, path, stateRoot } = this.#options;
      const spec = await readSpec(bundle);
      const runtime = createOciRuntime(
        {
          program: findRuntime(options.binaryName, path),
          root: options.root ?? stateRoot,
          systemdCgroup: options.systemdCgroup,
        },
        means.reaper,
      );
      const task = await Task.create(request, {
        means,
        runtime,
        spec,
        prepare: (rootfs) => prepare({ id, bundle, rootfs, spec }),
      });
      this.#tasks.set(id, task);
      this.#publishCreated(request, task.init.pid);
      return task;
    } catch (error) {
      this.#forget(id);
      throw error;
    }
  }

  async remove(id: string): Promise<{ pid: number; ended: Awaited<ReturnType<Task['remove']>> }> {
    const task = this.get(id);
    const ended = await task.remove();
    this.#forget(id);
    return { pid: task.init.pid, ended };
  }

  #forget(id: string): void {
    this.#tasks.delete(id);
    this.#options.onChange();
  }

  #publishCreated(request: CreateTaskRequest, pid: number): void {
    const { id, bundle, rootfs, stdin, stdout, stderr, terminal } = request;
    this.#options.means.events.publish(
      '/tasks/create',
      TaskCreateSchema,
      create(TaskCreateSchema, { containerId: id, bundle, rootfs, io: { stdin, stdout, stderr, terminal }, pid }),
    );
  }
}
