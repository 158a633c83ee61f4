// One container from creation to deletion: its processes, what is mounted for it, and the OCI runtime that made it.
import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { type CgroupPlace, cgroupOf, memoryKills, processesIn, processFolder } from '../cgroups/index.ts';
import type { EventPublisher } from '../events/publisher.ts';
import type { Libc } from '../ffi/index.ts';
import type { CreateTaskRequest } from '../generated/task_pb.ts';
import * as events from '../generated/events_pb.ts';
import type { OciRuntime } from '../oci-runtime/runtime.ts';
import { mountRootfs, unmountAll } from '../oci-runtime/rootfs.ts';
import type { Ended, Reaper } from '../processes/reaper.ts';
import { openStdio, type StdioPaths } from '../processes/stdio.ts';
import { RpcError } from '../ttrpc/index.ts';
import { hasOwnProcesses, rootfsOf, type Spec, writeRuntimePlace } from './bundle.ts';
import { ContainerProcess } from './process.ts';

export interface TaskMeans {
  readonly libc: Pick<Libc, 'mount' | 'unmount'>;
  readonly reaper: Reaper;
  readonly events: Pick<EventPublisher, 'publish'>;
}

/** What kind of container it is, decided when it was created. */
export interface TaskKind {
  /** Why no process can be added; undefined when one can. */
  readonly execRefusal: string | undefined;
  /** What was kept for it is not needed any more. */
  release(): void;
}

const SIGKILL = 9;

export class Task {
  readonly id: string;
  readonly bundle: string;
  readonly init: ContainerProcess;
  cgroup: CgroupPlace | undefined;
  isPaused = false;
  readonly #means: TaskMeans;
  readonly #runtime: OciRuntime;
  readonly #rootfs: string;
  readonly #endsTogether: boolean;
  readonly #kind: TaskKind;
  readonly #added = new Map<string, ContainerProcess>();

  /** Nothing is left of it when it cannot be made. */
  static async create(
    request: CreateTaskRequest,
    given: { means: TaskMeans; runtime: OciRuntime; spec: Spec; prepare: (rootfs: string) => Promise<TaskKind> },
  ): Promise<Task> {
    const { means, runtime, spec, prepare } = given;
    const { id, bundle } = request;
    const rootfs = rootfsOf(bundle, spec);
    await writeRuntimePlace(bundle, runtime.place);
    let kind: TaskKind | undefined;
    try {
      mountRootfs(means.libc, rootfs, request.rootfs);
      kind = await prepare(rootfs);
      const task = new Task(request, { means, runtime, rootfs, spec, kind });
      await task.#make();
      return task;
    } catch (error) {
      kind?.release();
      await runtime.remove(id).catch(() => {
        // expected: it was not made at all, which is what is to be told.
      });
      unmountAll(means.libc, rootfs);
      throw error;
    }
  }

  private constructor(
    request: CreateTaskRequest,
    given: { means: TaskMeans; runtime: OciRuntime; rootfs: string; spec: Spec; kind: TaskKind },
  ) {
    const { id, bundle, stdin, stdout, stderr } = request;
    this.id = id;
    this.bundle = bundle;
    this.init = new ContainerProcess('', { stdin, stdout, stderr });
    this.#means = given.means;
    this.#runtime = given.runtime;
    this.#rootfs = given.rootfs;
    this.#endsTogether = hasOwnProcesses(given.spec);
    this.#kind = given.kind;
  }

  async #make(): Promise<void> {
    await this.#born(this.init, (stdio) => this.#runtime.create(this.id, this.bundle, stdio));
    this.cgroup = cgroupOf(this.init.pid);
  }

  /** `make` gives the number of the process, whose end is then waited for. */
  async #born(
    process: ContainerProcess,
    make: (stdio: ReturnType<typeof openStdio>['streams']) => Promise<number>,
  ): Promise<void> {
    const stdio = openStdio(process.stdio);
    try {
      await this.#means.reaper.during(async () => {
        process.made(await make(stdio.streams), stdio.stdinKeeper);
        void this.#means.reaper.untilEnded(process.pid).then((ended) => this.#afterEnd(process, ended));
      });
      this.#means.reaper.look();
    } catch (error) {
      process.made(0, stdio.stdinKeeper);
      process.closeInput();
      throw error;
    } finally {
      stdio.closeStreams();
    }
  }

  #afterEnd(process: ContainerProcess, ended: Ended): void {
    if (process === this.init) {
      if (!this.#endsTogether) {
        this.#killAll();
      }
      if (this.cgroup !== undefined && memoryKills(this.cgroup) > 0n) {
        this.#publish('/tasks/oom', events.TaskOOMSchema, { containerId: this.id });
      }
    }
    // A waiting `start` tells of the start first.
    void this.#starting.then(() => {
      this.#publish('/tasks/exit', events.TaskExitSchema, {
        containerId: this.id,
        id: process.execId === '' ? this.id : process.execId,
        pid: process.pid,
        exitStatus: ended.status,
        exitedAt: timestampFromDate(ended.at),
      });
      process.hasEnded(ended);
    });
  }

  #starting: Promise<void> = Promise.resolve();

  async start(execId: string): Promise<number> {
    const process = this.process(execId);
    if (process.status !== 'created' || (execId !== '' && this.init.status !== 'running')) {
      throw new RpcError('failedPrecondition', `cannot start a ${process.status} process`);
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#starting = promise;
    try {
      await (execId === '' ? this.#runtime.start(this.id, this.bundle) : this.#startAdded(process));
      process.status = 'running';
      if (execId === '') {
        this.#publish('/tasks/start', events.TaskStartSchema, { containerId: this.id, pid: process.pid });
      } else {
        this.#publish('/tasks/exec-started', events.TaskExecStartedSchema, {
          containerId: this.id,
          execId,
          pid: process.pid,
        });
      }
      return process.pid;
    } finally {
      resolve();
    }
  }

  /** `spec` is the JSON of an OCI process. */
  async add(execId: string, stdio: StdioPaths, spec: Uint8Array): Promise<void> {
    if (this.#kind.execRefusal !== undefined) {
      throw new RpcError('unimplemented', this.#kind.execRefusal);
    }
    // It becomes part of the names of files.
    if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(execId)) {
      throw new RpcError('invalidArgument', `${JSON.stringify(execId)} cannot be the id of a process`);
    }
    if (this.#added.has(execId)) {
      throw new RpcError('alreadyExists', execId);
    }
    if (this.init.status !== 'running') {
      throw new RpcError('failedPrecondition', 'the container does not run');
    }
    this.#added.set(execId, new ContainerProcess(execId, stdio));
    await writeFile(join(this.bundle, `${execId}.process.json`), spec);
    this.#publish('/tasks/exec-added', events.TaskExecAddedSchema, { containerId: this.id, execId });
  }

  #startAdded(process: ContainerProcess): Promise<void> {
    const file = (kind: string): string => join(this.bundle, `${process.execId}.${kind}`);
    return this.#born(process, (stdio) =>
      this.#runtime.exec(this.id, { process: file('process.json'), pidFile: file('pid'), log: file('log'), stdio }),
    );
  }

  process(execId: string): ContainerProcess {
    const process = execId === '' ? this.init : this.#added.get(execId);
    if (process === undefined) {
      throw new RpcError('notFound', execId);
    }
    return process;
  }

  /** The number cannot be another process's yet: an ended one keeps it until it is collected, which happens here. */
  kill(execId: string, signal: number, all: boolean): void {
    const target = this.process(execId);
    if (target.ended !== undefined || target.pid === 0) {
      throw new RpcError('notFound', 'process already finished');
    }
    if (all) {
      for (const pid of this.pids()) {
        send(pid, signal);
      }
    }
    if (!send(target.pid, signal)) {
      throw new RpcError('notFound', 'process already finished');
    }
  }

  #killAll(): void {
    for (const pid of this.pids()) {
      send(pid, SIGKILL);
    }
  }

  pids(): number[] {
    return this.cgroup === undefined ? [] : processesIn(processFolder(this.cgroup));
  }

  async pause(): Promise<void> {
    await this.#runtime.pause(this.id);
    this.isPaused = true;
    this.#publish('/tasks/paused', events.TaskPausedSchema, { containerId: this.id });
  }

  async resume(): Promise<void> {
    await this.#runtime.resume(this.id);
    this.isPaused = false;
    this.#publish('/tasks/resumed', events.TaskResumedSchema, { containerId: this.id });
  }

  update(resources: string): Promise<void> {
    return this.#runtime.update(this.id, resources);
  }

  /** Takes it all away. A first process that waits to be started is ended with it. */
  async remove(): Promise<Ended> {
    if (this.init.status === 'running' || this.isPaused) {
      throw new RpcError('failedPrecondition', 'cannot delete a running process');
    }
    await this.#runtime.remove(this.id);
    const ended = await this.init.exited;
    unmountAll(this.#means.libc, this.#rootfs);
    this.#kind.release();
    this.#publish('/tasks/delete', events.TaskDeleteSchema, {
      containerId: this.id,
      pid: this.init.pid,
      exitStatus: ended.status,
      exitedAt: timestampFromDate(ended.at),
    });
    return ended;
  }

  /** Of a process that was added. */
  removeAdded(execId: string): ContainerProcess {
    const process = this.process(execId);
    if (process.status === 'running') {
      throw new RpcError('failedPrecondition', 'cannot delete a running process');
    }
    this.#added.delete(execId);
    return process;
  }

  #publish<Schema extends Parameters<EventPublisher['publish']>[1]>(
    topic: string,
    schema: Schema,
    event: Parameters<typeof create<Schema>>[1],
  ): void {
    this.#means.events.publish(topic, schema, create(schema, event));
  }
}

/** False when there is no such process. */
function send(pid: number, signal: number): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    // expected: it has just ended.
    return false;
  }
}
