// Credential plugins (client.authentication.k8s.io/v1): a program that prints a token or a certificate, run when there are
// none or they have run out.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { UserError } from '@spindle/api';
import type { Clock } from '../clock.ts';
import { bearer, type Credentials, type CredentialSource } from './credentials.ts';
import type { ClusterEntry, ExecEntry } from './kubeconfig-file.ts';

/** Long enough for a slow cloud; a plugin that waits for somebody who is not there must end. */
const DEADLINE_MS = 60_000;
/** Somebody reads a code, opens a browser and logs in. */
const INTERACTIVE_DEADLINE_MS = 10 * 60_000;
/** A certificate chain is a hundred times smaller. */
const MAX_OUTPUT_BYTES = 1024 * 1024;
/** What a plugin complains of last says most. */
const MAX_COMPLAINT_CHARACTERS = 2048;
/** Credentials are renewed before they run out on their way. */
const MARGIN_MS = 10_000;

export interface ExecOptions {
  readonly exec: ExecEntry;
  readonly cluster: ClusterEntry;
  /** PEM of the cluster's authority, for a plugin that wants to know the cluster. */
  readonly authority: () => Promise<Buffer | undefined>;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Somebody sits before a terminal. */
  readonly isInteractive: boolean;
}

interface Issued extends Credentials {
  /** Milliseconds since 1970. */
  readonly expiresAt: number | undefined;
}

export function execCredentials(options: ExecOptions): CredentialSource {
  const { clock } = options;
  let issued: Issued | undefined;
  let running: Promise<Issued> | undefined;
  const run = (): Promise<Issued> => {
    running ??= runPlugin(options)
      .then((fresh) => (issued = fresh))
      .finally(() => (running = undefined));
    return running;
  };
  const isGood = ({ expiresAt }: Issued): boolean =>
    expiresAt === undefined || expiresAt - MARGIN_MS > clock.date().getTime();
  return {
    current: async () => (issued !== undefined && isGood(issued) ? issued : run()),
    async renew(headers) {
      // Another request may have had them renewed already.
      return issued !== undefined && issued.headers !== headers ? true : !sameToken((await run()).headers, headers);
    },
  };
}

/** A certificate is always another one. */
const sameToken = (fresh: Credentials['headers'], former: Credentials['headers']): boolean =>
  fresh['authorization'] !== undefined && fresh['authorization'] === former['authorization'];

async function runPlugin(options: ExecOptions): Promise<Issued> {
  const { exec, isInteractive } = options;
  const interactive = isInteractive && exec.interactiveMode !== 'Never';
  if (exec.interactiveMode === 'Always' && !interactive) {
    throw failed(exec, 'it asks for a terminal, and there is none', 'Use credentials that need nobody to log in.');
  }
  const output = await outputOf(options, interactive, JSON.stringify(await request(options, interactive)));
  return readCredential(output, exec);
}

/** What the plugin gets in KUBERNETES_EXEC_INFO. */
async function request(
  { exec, cluster, authority }: ExecOptions,
  interactive: boolean,
): Promise<Readonly<Record<string, unknown>>> {
  const about = {
    server: cluster.server.href,
    'tls-server-name': cluster.tlsServerName,
    'insecure-skip-tls-verify': cluster.insecure || undefined,
    'certificate-authority-data': exec.provideClusterInfo ? (await authority())?.toString('base64') : undefined,
    'proxy-url': cluster.proxy?.href,
    config: cluster.pluginConfig,
  };
  return {
    apiVersion: exec.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive, ...(exec.provideClusterInfo ? { cluster: about } : {}) },
  };
}

async function outputOf({ exec, env }: ExecOptions, interactive: boolean, info: string): Promise<string> {
  const child = spawn(exec.command, exec.args, {
    env: { ...env, ...exec.env, KUBERNETES_EXEC_INFO: info },
    // Whoever logs in reads there what to do.
    stdio: [interactive ? 'inherit' : 'ignore', 'pipe', interactive ? 'inherit' : 'pipe'],
    timeout: interactive ? INTERACTIVE_DEADLINE_MS : DEADLINE_MS,
    killSignal: 'SIGKILL',
  });
  let output = '';
  let complaint = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.length > MAX_OUTPUT_BYTES) {
      child.kill('SIGKILL');
    }
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-MAX_COMPLAINT_CHARACTERS);
  });
  const [status, signal] = await once(child, 'close').catch((cause: unknown) => {
    throw notRun(exec, cause);
  });
  if (output.length > MAX_OUTPUT_BYTES) {
    throw failed(exec, `it prints more than ${MAX_OUTPUT_BYTES} bytes`);
  }
  if (signal !== null) {
    throw failed(exec, `it was ended by ${signal}, or took more than ${DEADLINE_MS / 1000} s`);
  }
  if (status !== 0) {
    throw failed(exec, `it ended with status ${status}${complaint === '' ? '' : `: ${complaint.trim()}`}`);
  }
  return output;
}

function notRun(exec: ExecEntry, cause: unknown): UserError {
  const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
  const why = isMissing ? 'there is no such program' : cause instanceof Error ? cause.message : String(cause);
  return failed(exec, why, exec.installHint ?? 'Install it, or put its folder into PATH.', cause);
}

const failed = (
  { command }: ExecEntry,
  why: string,
  remedy = 'Run the plugin by hand; log in again if it says so.',
  cause?: unknown,
): UserError =>
  new UserError(`the credential plugin ${command} gives no credentials: ${why}`, { code: 'SPK7005', remedy, cause });

function readCredential(output: string, exec: ExecEntry): Issued {
  const answer = parse(output, exec);
  const status = isRecord(answer['status']) ? answer['status'] : {};
  if (answer['kind'] !== 'ExecCredential' || answer['apiVersion'] !== exec.apiVersion) {
    throw failed(exec, `its answer is not an ExecCredential of ${exec.apiVersion}`);
  }
  const [token, cert, key, expires] = ['token', 'clientCertificateData', 'clientKeyData', 'expirationTimestamp'].map(
    (name) => (typeof status[name] === 'string' && status[name] !== '' ? status[name] : undefined),
  );
  if ((cert === undefined) !== (key === undefined) || (token === undefined && cert === undefined)) {
    throw failed(exec, 'its answer has neither a token nor a certificate with its key');
  }
  const expiresAt = expires === undefined ? undefined : Date.parse(expires);
  if (Number.isNaN(expiresAt)) {
    throw failed(exec, 'its answer has an expirationTimestamp that is no time');
  }
  return {
    headers: token === undefined ? {} : bearer(token),
    ...(cert === undefined || key === undefined ? {} : { certificate: { cert, key } }),
    expiresAt,
  };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parse(output: string, exec: ExecEntry): Readonly<Record<string, unknown>> {
  try {
    const answer: unknown = JSON.parse(output);
    return isRecord(answer) ? answer : {};
  } catch {
    // Not the cause: its message quotes what may be a token.
    throw failed(exec, 'its answer is not JSON');
  }
}
