// The operator as its users run it: a process of its own, started from its bin, on free ports of the loopback.
import { join, resolve } from 'node:path';
import {
  freePort,
  serverDirectory,
  startServer,
  type ServerProcess,
} from '../../../../hack/services/server-process.ts';

const BIN = resolve(import.meta.dirname, '../../../../operator/bin/spindle-operator.js');

export interface OperatorProcessOptions {
  readonly kubeconfig: string;
  /** Of the operator itself: its lease and its Secret. */
  readonly namespace?: string;
  readonly flags?: readonly string[];
  /** Served on this port of the loopback. */
  readonly webhookPort?: number;
  /** Its bin; that of this checkout when absent. */
  readonly bin?: string;
  /** False: until it is started, not until it is ready. */
  readonly waitUntilReady?: boolean;
}

export interface OperatorProcess {
  readonly pid: number;
  /** Newest lines of its log. */
  readonly said: readonly string[];
  readonly metricsPort: number;
  readonly healthPort: number;
  isReady(): Promise<boolean>;
  /** Requests to the API server so far, of these methods or of all; a watch counts when it begins. */
  requests(...methods: string[]): Promise<number>;
  /** Pieces of work on apps that came to a good end. */
  reconciled(): Promise<number>;
  /** As a crash does. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** A port that was free may be taken by the time the operator listens on it. */
const MAX_TRIES = 3;

export async function startOperator(options: OperatorProcessOptions): Promise<OperatorProcess> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await startOnFreePorts(options);
    } catch (error) {
      if (tries === MAX_TRIES || !String(error).includes('EADDRINUSE')) {
        throw error;
      }
    }
  }
}

async function startOnFreePorts(options: OperatorProcessOptions): Promise<OperatorProcess> {
  const { kubeconfig, namespace = 'default', flags = [], webhookPort, waitUntilReady = true, bin = BIN } = options;
  const [metricsPort, healthPort] = [await freePort(), await freePort()];
  const isReady = (path = 'readyz'): Promise<boolean> => answersOk(`http://127.0.0.1:${healthPort}/${path}`);
  const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const directory = await serverDirectory('operator');
  const server: ServerProcess = await startServer({
    program: { path: process.execPath, env: { POD_NAMESPACE: namespace }, root: undefined },
    directory,
    args: [
      bin,
      `--kubeconfig=${kubeconfig}`,
      `--metrics-bind-address=127.0.0.1:${metricsPort}`,
      '--metrics-secure=false',
      `--health-probe-bind-address=127.0.0.1:${healthPort}`,
      `--webhook-cert-dir=${join(directory, 'none')}`,
      ...(webhookPort === undefined
        ? []
        : ['--enable-webhooks', `--webhook-bind-address=127.0.0.1:${webhookPort}`, '--webhook-extra-names=127.0.0.1']),
      ...flags,
    ],
    ready: () => isReady(waitUntilReady ? 'readyz' : 'healthz'),
  });
  return {
    pid: server.pid,
    said: server.said,
    metricsPort,
    healthPort,
    isReady: () => isReady(),
    async reconciled() {
      const done = /^controller_runtime_reconcile_total\{controller="spinapp",result="success"\} (\d+)$/m.exec(
        await metrics(),
      );
      return Number(done?.[1] ?? 0);
    },
    async requests(...methods) {
      const text = await metrics();
      return [...text.matchAll(/^rest_client_requests_total\{.*method="(\w+)".*\} (\d+)$/gm)]
        .filter(([, method = '']) => methods.length === 0 || methods.includes(method))
        .reduce((sum, [, , count]) => sum + Number(count), 0);
    },
    kill: () => server.kill(),
    stop: () => server.stop(),
  };
}

async function answersOk(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    // expected: it does not listen yet.
    return false;
  }
}
