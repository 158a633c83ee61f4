// The task service: each call of containerd, in versions 2 and 3 alike (control-plane.md §7.5).
import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import * as rpc from '../generated/task_pb.ts';
import { metricsOf } from '../cgroups/index.ts';
import { RpcError, type Service, unary, unaryEmpty } from '../ttrpc/index.ts';
import type { ContainerProcess } from './process.ts';
import type { Task } from './task.ts';
import type { Tasks } from './tasks.ts';

export const TASK_SERVICES = ['containerd.task.v2.Task', 'containerd.task.v3.Task'] as const;

/** containerd.v1.types.Status. */
const STATUS = { created: 1, running: 2, stopped: 3, paused: 4 } as const;

/** The type of a change of resources: JSON of the OCI specification's. */
const RESOURCES = /(^|\/)opencontainers\/runtime-spec\/1\/LinuxResources$/;

export function taskService(tasks: Tasks, shimPid: number): Service {
  return new Map([
    [
      'Create',
      unary(rpc.CreateTaskRequestSchema, rpc.CreateTaskResponseSchema, async (request) => {
        const { init } = await tasks.create(request);
        return create(rpc.CreateTaskResponseSchema, { pid: init.pid });
      }),
    ],
    [
      'Start',
      unary(rpc.StartRequestSchema, rpc.StartResponseSchema, async ({ id, execId }) =>
        create(rpc.StartResponseSchema, { pid: await tasks.get(id).start(execId) }),
      ),
    ],
    [
      'State',
      unary(rpc.StateRequestSchema, rpc.StateResponseSchema, ({ id, execId }) => stateOf(tasks.get(id), execId)),
    ],
    [
      'Wait',
      unary(rpc.WaitRequestSchema, rpc.WaitResponseSchema, async ({ id, execId }) => {
        const { status, at } = await tasks.get(id).process(execId).exited;
        return create(rpc.WaitResponseSchema, { exitStatus: status, exitedAt: timestampFromDate(at) });
      }),
    ],
    [
      'Kill',
      unaryEmpty(rpc.KillRequestSchema, ({ id, execId, signal, all }) => tasks.get(id).kill(execId, signal, all)),
    ],
    [
      'Delete',
      unary(rpc.DeleteRequestSchema, rpc.DeleteResponseSchema, async ({ id, execId }) => {
        if (execId !== '') {
          return deleted(tasks.get(id).removeAdded(execId));
        }
        const { pid, ended } = await tasks.remove(id);
        return create(rpc.DeleteResponseSchema, {
          pid,
          exitStatus: ended.status,
          exitedAt: timestampFromDate(ended.at),
        });
      }),
    ],
    [
      'Pids',
      unary(rpc.PidsRequestSchema, rpc.PidsResponseSchema, ({ id }) =>
        create(rpc.PidsResponseSchema, {
          processes: tasks
            .get(id)
            .pids()
            .map((pid) => ({ pid })),
        }),
      ),
    ],
    [
      'Stats',
      unary(rpc.StatsRequestSchema, rpc.StatsResponseSchema, ({ id }) => {
        const { cgroup } = tasks.get(id);
        if (cgroup === undefined) {
          throw new RpcError('failedPrecondition', 'task is not running');
        }
        return create(rpc.StatsResponseSchema, { stats: metricsOf(cgroup) });
      }),
    ],
    [
      'Connect',
      unary(rpc.ConnectRequestSchema, rpc.ConnectResponseSchema, ({ id }) =>
        create(rpc.ConnectResponseSchema, { shimPid, taskPid: tasks.get(id).init.pid }),
      ),
    ],
    [
      'Exec',
      unaryEmpty(rpc.ExecProcessRequestSchema, async ({ id, execId, terminal, stdin, stdout, stderr, spec }) => {
        const task = tasks.get(id);
        if (terminal) {
          throw new RpcError('unimplemented', 'terminal is not supported');
        }
        await task.add(execId, { stdin, stdout, stderr }, spec?.value ?? new Uint8Array());
      }),
    ],
    [
      'CloseIO',
      unaryEmpty(rpc.CloseIORequestSchema, ({ id, execId, stdin }) => {
        if (stdin) {
          tasks.get(id).process(execId).closeInput();
        }
      }),
    ],
    ['Pause', unaryEmpty(rpc.PauseRequestSchema, ({ id }) => tasks.get(id).pause())],
    ['Resume', unaryEmpty(rpc.ResumeRequestSchema, ({ id }) => tasks.get(id).resume())],
    [
      'Update',
      unaryEmpty(rpc.UpdateTaskRequestSchema, ({ id, resources }) => {
        const task = tasks.get(id);
        if (resources === undefined || !RESOURCES.test(resources.typeUrl)) {
          throw new RpcError('invalidArgument', `no resources of Linux but ${resources?.typeUrl ?? 'nothing'}`);
        }
        return task.update(Buffer.from(resources.value).toString('utf8'));
      }),
    ],
    // The server serves other containers too, and ends by itself when nobody needs it.
    ['Shutdown', unaryEmpty(rpc.ShutdownRequestSchema, () => {})],
  ]);
}

function stateOf(task: Task, execId: string): rpc.StateResponse {
  const process = task.process(execId);
  const { ended, stdio, pid } = process;
  const status = task.isPaused && process.status === 'running' ? 'paused' : process.status;
  return create(rpc.StateResponseSchema, {
    id: task.id,
    bundle: task.bundle,
    pid,
    status: STATUS[status],
    ...stdio,
    execId,
    ...exit(ended),
  });
}

const exit = (
  ended: ContainerProcess['ended'],
): { exitStatus?: number; exitedAt?: ReturnType<typeof timestampFromDate> } =>
  ended === undefined ? {} : { exitStatus: ended.status, exitedAt: timestampFromDate(ended.at) };

const deleted = ({ pid, ended }: ContainerProcess): rpc.DeleteResponse =>
  create(rpc.DeleteResponseSchema, { pid, ...exit(ended) });
