// The OCI runtime that the node has, runc or one that takes the same commands: makes, starts, changes and removes containers.
// What a container may do is its affair and that of config.json, never ours.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ProgramOptions, runProgram } from '../processes/run.ts';
import { RpcError } from '../ttrpc/index.ts';

/** All that another process needs to reach the same containers; plain JSON. */
export interface RuntimePlace {
  readonly program: string;
  /** Where it keeps what it knows of containers. */
  readonly root: string;
  readonly systemdCgroup: boolean;
}

export type Reaping = ProgramOptions['reaper'];

export type ContainerStdio = readonly [number | 'ignore', number | 'ignore', number | 'ignore'];

export interface OciRuntime {
  readonly place: RuntimePlace;
  /** The number of its first process, which waits to be started. */
  create(id: string, bundle: string, stdio: ContainerStdio): Promise<number>;
  start(id: string, bundle: string): Promise<void>;
  /** Whatever its state; also when it is not there. */
  remove(id: string): Promise<void>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  /** `resources` as the OCI specification has them, in JSON. */
  update(id: string, resources: string): Promise<void>;
  /** Of a further process in it, whose description is the file `process`. */
  exec(id: string, options: { process: string; pidFile: string; log: string; stdio: ContainerStdio }): Promise<number>;
}

const LOG_FILE = 'oci-runtime.log';
const PID_FILE = 'init.pid';

export function createOciRuntime(place: RuntimePlace, reaper: Reaping): OciRuntime {
  const { program, root, systemdCgroup } = place;
  const global = ['--root', root, ...(systemdCgroup ? ['--systemd-cgroup'] : [])];

  async function run(log: string | undefined, args: readonly string[], options: Omit<ProgramOptions, 'reaper'> = {}) {
    const logging = log === undefined ? [] : ['--log', log, '--log-format', 'json'];
    const { code, stderr } = await runProgram(program, [...global, ...logging, ...args], { reaper, ...options });
    if (code !== 0) {
      const said = log === undefined ? stderr.trim() : ((await lastError(log)) ?? stderr.trim());
      throw new RpcError('unknown', `${program} ${args[0]}: ${said === '' ? `exit status ${code}` : said}`);
    }
  }

  async function pidFrom(file: string): Promise<number> {
    const pid = Number(await readFile(file, 'utf8'));
    if (!Number.isSafeInteger(pid) || pid <= 0) {
      throw new RpcError('internal', `${program} wrote no process number into ${file}`);
    }
    return pid;
  }

  return {
    place,
    async create(id, bundle, stdio) {
      const log = join(bundle, LOG_FILE);
      const pidFile = join(bundle, PID_FILE);
      await rm(log, { force: true });
      await run(log, ['create', '--bundle', bundle, '--pid-file', pidFile, id], { stdio });
      return await pidFrom(pidFile);
    },
    async start(id, bundle) {
      await run(join(bundle, LOG_FILE), ['start', id]);
    },
    remove: (id) => run(undefined, ['delete', '--force', id]),
    pause: (id) => run(undefined, ['pause', id]),
    resume: (id) => run(undefined, ['resume', id]),
    update: (id, resources) => run(undefined, ['update', '--resources', '-', id], { input: resources }),
    async exec(id, { process, pidFile, log, stdio }) {
      await run(log, ['exec', '--process', process, '--detach', '--pid-file', pidFile, id], { stdio });
      return await pidFrom(pidFile);
    },
  };
}

/** The last line of level error; the text as it is when the runtime writes no JSON. */
async function lastError(log: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(log, 'utf8');
  } catch {
    // expected: it had nothing to say.
    return undefined;
  }
  return errorOf(text);
}

export function errorOf(log: string): string | undefined {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  for (const line of lines.toReversed()) {
    try {
      const entry = JSON.parse(line) as { level?: unknown; msg?: unknown };
      if (entry.level === 'error' && typeof entry.msg === 'string') {
        return entry.msg;
      }
    } catch {
      // expected: crun writes plain lines for what happens before it knows its flags.
      return line;
    }
  }
  return undefined;
}
