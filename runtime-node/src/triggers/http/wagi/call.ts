// One HTTP request through one run of a command: CGI on its standard streams (spin-contract.md §6.6). Tried first on the
// caller's stack with all output held back, as handlers are, and again on one of its own when it has to wait.
import { MustSuspend, type ComponentInstance, type Result } from '../../../component/index.ts';
import { Guest, type CommandWorld, type GuestCall } from '../../../host/guest.ts';
import type { IncomingRequest } from '../../../host/http/exchange.ts';
import { GuestExit } from '../../../host/wasi-cli/index.ts';
import type { TriggerCall } from '../../trigger-call.ts';
import type { ComponentHandler, RequestSource } from '../call.ts';
import type { WagiExecutor } from '../routes.ts';
import { StagedOutput, type TriggerResponse } from '../staged-output.ts';
import { CgiOutput, NoCgiResponse } from './cgi-output.ts';
import { commandInput, type CommandInput } from './command-input.ts';
import { commandArguments, metaVariables } from './meta-variables.ts';

/**
 * Runs the command. On trial all is over when this returns; else the promise resolves when the command has ended. Throws or
 * rejects when it failed, was aborted, or what it wrote is no response.
 */
export function callCommand(
  target: ComponentHandler,
  executor: WagiExecutor,
  request: RequestSource,
  out: TriggerResponse,
  call: TriggerCall,
): void | Promise<void> {
  if (target.onTrial && request.repeatable && !target.component.linked.neverWaits) {
    if (tryCommand(target, executor, request, out, call)) {
      return undefined;
    }
    target.onTrial = false;
  }
  return runCommand(target, executor, request, out, call);
}

/** Without a body, so that there is nothing to wait for. False when the command has to be run again; nothing has left the instance then. */
function tryCommand(
  target: ComponentHandler,
  executor: WagiExecutor,
  request: RequestSource,
  out: TriggerResponse,
  call: TriggerCall,
): boolean {
  const { context, linked } = target.component;
  const incoming = request.make();
  const input = commandInput(incoming) as CommandInput;
  const output = new CgiOutput(out, { component: context.id, method: incoming.method, onTrial: true });
  const staged = new StagedOutput();
  const trial: GuestCall = {
    depth: call.depth,
    get signal() {
      return call.signal;
    },
    log: staged.log,
    ...(call.trace === undefined ? {} : { trace: call.trace }),
    command: worldOf(executor, request, incoming, input, output),
  };
  const instance = linked.instantiate(new Guest(context, trial), 'trial');
  try {
    expectSuccess(instance.call(target.handler, 'run', []));
  } catch (error) {
    if (error instanceof MustSuspend) {
      call.trace?.restart();
      return false;
    }
    if (!isSuccess(error)) {
      staged.releaseLog(context.log);
      throw answered(error, out);
    }
  } finally {
    instance.dispose();
  }
  staged.releaseLog(context.log);
  try {
    finish(output, out);
  } finally {
    // The client has its answer: what it takes to be ready for the next guest costs it nothing.
    instance.release();
  }
  return true;
}

async function runCommand(
  target: ComponentHandler,
  executor: WagiExecutor,
  request: RequestSource,
  out: TriggerResponse,
  call: TriggerCall,
): Promise<void> {
  const incoming = request.make();
  try {
    const input = await commandInput(incoming);
    if (typeof input === 'number') {
      out.respond({ status: input, headers: [] }, false);
      return;
    }
    await runWith(input, incoming, { target, executor, request, out, call });
  } finally {
    // What the command has not read is read away, so that the connection can serve on.
    incoming.body.stream[Symbol.dispose]();
  }
}

interface Run {
  readonly target: ComponentHandler;
  readonly executor: WagiExecutor;
  readonly request: RequestSource;
  readonly out: TriggerResponse;
  readonly call: TriggerCall;
}

async function runWith(input: CommandInput, incoming: IncomingRequest, run: Run): Promise<void> {
  const { target, executor, request, out, call } = run;
  const { context, linked } = target.component;
  const output = new CgiOutput(out, { component: context.id, method: incoming.method, onTrial: false });
  const guestCall: GuestCall = {
    depth: call.depth,
    get signal() {
      return call.signal;
    },
    command: worldOf(executor, request, incoming, input, output),
    ...(call.trace === undefined ? {} : { trace: call.trace }),
  };
  const instance = linked.instantiate(new Guest(context, guestCall), linked.neverWaits ? 'plain' : 'suspending');
  call.onAbort((reason) => instance.abort(reason));
  try {
    await endOf(instance, target.handler);
    finish(output, out);
  } catch (error) {
    output.abandon('the command failed');
    throw answered(error, out);
  } finally {
    instance.release();
  }
}

/** Resolves when the command has ended well. */
async function endOf(instance: ComponentInstance, handler: string): Promise<void> {
  try {
    expectSuccess(await instance.call(handler, 'run', []));
  } catch (error) {
    if (!isSuccess(error)) {
      throw error;
    }
  }
}

const worldOf = (
  { argv }: WagiExecutor,
  { origin }: RequestSource,
  { method, authority }: IncomingRequest,
  input: CommandInput,
  output: CgiOutput,
): CommandWorld => ({
  args: commandArguments(argv, origin.facts.pathWithQuery),
  env: metaVariables({ method, authority, length: input.length, origin }),
  stdin: () => input.stream(),
  stdout: () => output.stream(),
});

const isSuccess = (error: unknown): boolean => error instanceof GuestExit && error.status === 0;

/** A command that says that it has failed is taken at its word, whichever of the two ways it has. */
function expectSuccess(result: unknown): void {
  if ((result as Result<undefined, undefined>).tag === 'err') {
    throw new GuestExit(1);
  }
}

function finish(output: CgiOutput, out: TriggerResponse): void {
  try {
    output.end();
  } catch (error) {
    throw answered(error, out);
  }
}

/** Gives the error back, once the client has been told what there is to tell. */
function answered(error: unknown, out: TriggerResponse): unknown {
  if (error instanceof NoCgiResponse && !error.told) {
    error.told = true;
    const text = Buffer.from(error.clientText);
    out.respondWhole({ status: 500, headers: [['content-length', String(text.length)]] }, [text], text.length);
  }
  return error;
}
