// Runs `docker-credential-<name> get` (docker/docker-credential-helpers): the server goes to its stdin, JSON comes
// from its stdout. It may not hold up a pull: there is a deadline, and what it prints is bounded and never quoted.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readBounded } from '../registry/bounded.ts';
import { isRecord } from '../json.ts';
import type { CredentialLookup } from './credentials.ts';

export interface HelperEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 10_000; // A locked keychain may ask its user; a pull in a script must still end.
const MAX_OUTPUT_BYTES = 1_048_576; // Tokens have a few kilobytes at most.
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

export async function askCredentialHelper(
  name: string,
  server: string,
  environment: HelperEnvironment,
  signal?: AbortSignal,
): Promise<CredentialLookup> {
  const program = `docker-credential-${name}`;
  const problem = (reason: string): CredentialLookup => ({ problems: [`${program}: ${reason}`] });
  // The name becomes a part of a program's name: no path may be in it.
  if (!NAME.test(name)) {
    return { problems: ['the name of the credential helper has characters that are not allowed'] };
  }
  const deadline = AbortSignal.timeout(environment.deadlineMs ?? DEADLINE_MS);
  const child = spawn(program, ['get'], {
    env: { ...environment.env },
    stdio: ['pipe', 'pipe', 'ignore'],
    signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
    killSignal: 'SIGKILL',
  });
  child.stdin.on('error', () => {
    // expected: a helper that exits without reading closes its end; its exit code tells what happened.
  });
  child.stdin.end(server);
  let output: Buffer | undefined;
  let code: unknown;
  try {
    // Waiting for both at once: a grandchild may hold the pipe open after the deadline has killed the helper.
    [output, [code]] = await Promise.all([readBounded(child.stdout, MAX_OUTPUT_BYTES), once(child, 'close')]);
  } catch (error) {
    signal?.throwIfAborted();
    // expected: a helper that is missing, hangs or crashes means that there are no credentials from it.
    child.stdout.destroy();
    return problem(deadline.aborted ? 'it did not answer in time' : startFailure(error));
  }
  if (output === undefined) {
    return problem('it prints too much');
  }
  if (code !== 0) {
    // The protocol's only sign for "there is no such entry" is this text.
    return output.includes('credentials not found')
      ? { problems: [] }
      : problem(`it failed with status ${String(code)}`);
  }
  return readAnswer(output, program) ?? problem('its answer is not what the protocol says');
}

const startFailure = (error: unknown): string =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'
    ? 'there is no such program'
    : 'it cannot be run';

function readAnswer(output: Buffer, from: string): CredentialLookup | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(output.toString('utf8'));
  } catch {
    // expected: reported by the caller, without the text, which may hold a secret.
    return undefined;
  }
  if (!isRecord(answer) || typeof answer['Username'] !== 'string' || typeof answer['Secret'] !== 'string') {
    return undefined;
  }
  const { Username: username, Secret: secret } = answer;
  // The helpers' mark for an identity token in place of a password.
  return username === '<token>'
    ? { credentials: { kind: 'identity-token', token: secret, from }, problems: [] }
    : { credentials: { kind: 'password', username, password: secret, from }, problems: [] };
}
