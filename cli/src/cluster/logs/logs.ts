// `logs`: what all pods of an app say, each line with its pod when there are several; --follow also takes pods that come.
import { setTimeout as sleep } from 'node:timers/promises';
import { APP_NAME_LABEL } from '@spindle/api';
import { ApiError, objectPath, type ByteStream } from '@spindle/kube';
import type { Console } from '../../console.ts';
import { getApp } from '../app/find.ts';
import { appName } from '../app/name.ts';
import { appsWithComponent } from './component.ts';
import { cannotStream } from '../errors.ts';
import type { ClusterFlags } from '../options.ts';
import { painter } from '../output/style.ts';
import { PODS, type Pod } from '../resources.ts';
import { call, inCluster, type Session } from '../session.ts';
import { linesOf } from './lines.ts';

const POLL_MS = 1000;

export interface LogsFlags extends ClusterFlags {
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly timestamps?: boolean;
  readonly prefix?: boolean;
  readonly tail?: number;
  /** In milliseconds. */
  readonly since?: number;
  readonly component?: string;
}

export async function logs(name: string | undefined, flags: LogsFlags, console: Console): Promise<void> {
  const { component } = flags;
  const known = name === undefined && component !== undefined ? undefined : await appName(name, 'read', console);
  await inCluster(flags, console, async (session) => {
    const named = known === undefined ? undefined : await getApp(session, known);
    const apps =
      component !== undefined ? await appsWithComponent(session, component, named) : named === undefined ? [] : [named];
    await new LogReader(
      session,
      flags,
      apps.map(({ metadata }) => metadata.name),
    ).run();
  });
}

class LogReader {
  readonly #session: Session;
  readonly #flags: LogsFlags;
  readonly #apps: readonly string[];
  readonly #begun = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  #failure: unknown;
  #several = false;

  constructor(session: Session, flags: LogsFlags, apps: readonly string[]) {
    this.#session = session;
    this.#flags = flags;
    this.#apps = apps;
  }

  async run(): Promise<void> {
    const { signal } = this.#session;
    const pods = await this.#pods();
    const readable = pods.filter(hasBegun);
    if (readable.length === 0 && this.#flags.follow !== true) {
      throw cannotStream(
        `${this.#apps.join(', ')} has said nothing`,
        pods.length === 0 ? 'it has no pods' : 'none of its pods has started',
      );
    }
    this.#several = this.#flags.prefix ?? readable.length > 1;
    readable.forEach((pod) => this.#begin(pod));
    while (this.#flags.follow === true && !signal.aborted && this.#failure === undefined) {
      await sleep(POLL_MS, undefined, { signal }).catch(() => {
        // expected: Ctrl-C is how this ends.
      });
      const now = signal.aborted ? [] : (await this.#pods()).filter(hasBegun);
      // Once a second pod is there nobody could tell whose lines these are.
      this.#several ||= this.#flags.prefix !== false && now.length > 1;
      now.forEach((pod) => this.#begin(pod));
    }
    await Promise.all(this.#running);
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
  }

  async #pods(): Promise<readonly Pod[]> {
    const { client, namespace } = this.#session;
    const labelSelector = `${APP_NAME_LABEL} in (${this.#apps.join(',')})`;
    return (await client.list(PODS, { namespace, labelSelector, ...call(this.#session) })).items;
  }

  /** Once for each run of the container: after a restart its log is another one. */
  #begin(pod: Pod): void {
    const [container] = pod.status?.containerStatuses ?? [];
    const id = `${pod.metadata.uid} ${container?.restartCount ?? 0}`;
    if (this.#begun.has(id)) {
      return;
    }
    const isRestart = [...this.#begun].some((other) => other.startsWith(`${pod.metadata.uid} `));
    this.#begun.add(id);
    const reading = this.#read(pod, isRestart).catch((error: unknown) => this.#fail(error, pod));
    this.#running.add(reading);
    void reading.finally(() => this.#running.delete(reading));
  }

  #fail(error: unknown, { metadata: { name } }: Pod): void {
    const { signal, console } = this.#session;
    if (signal.aborted) {
      return;
    }
    // While others are followed, a pod that has gone is no reason to stop.
    if (this.#flags.follow === true && !(error instanceof ApiError && [401, 403].includes(error.status))) {
      console.err(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    } else {
      this.#failure ??= error;
    }
  }

  async #read(pod: Pod, isRestart: boolean): Promise<void> {
    const { console, namespace } = this.#session;
    const { name = '' } = pod.metadata;
    const paint = painter(console, this.#flags.color);
    const stream = await this.#open({ namespace, name }, isRestart);
    for await (const text of linesOf(stream)) {
      console.out(this.#several ? `${paint('dim', name)}  ${text}` : text);
    }
  }

  #open(pod: { readonly namespace: string; readonly name: string }, isRestart: boolean): Promise<ByteStream> {
    const { transport, signal } = this.#session;
    const { follow, previous, timestamps, tail, since } = this.#flags;
    return transport.stream({
      method: 'GET',
      path: objectPath(PODS, pod, 'log'),
      accept: '*/*',
      query: {
        follow,
        previous,
        timestamps,
        // What was asked of the first log holds for that only.
        tailLines: isRestart ? undefined : tail,
        sinceSeconds: since === undefined || isRestart ? undefined : Math.max(1, Math.ceil(since / 1000)),
      },
      signal,
    });
  }
}

/** Before that the kubelet has no log to give. */
const hasBegun = ({ status }: Pod): boolean =>
  status?.containerStatuses?.some(
    ({ state, restartCount = 0 }) =>
      state?.running !== undefined || state?.terminated !== undefined || restartCount > 0,
  ) === true;
