// The command trigger: runs a component once, on the standard streams of the process, whose exit code is the component's
// (spin-contract.md §6.5).
import { parseCommandTrigger } from '@spindle/api';
import type { Readable, Writable } from 'node:stream';
import type { App } from '../../app/app.ts';
import type { ComponentInstance, Result } from '../../component/index.ts';
import { Guest } from '../../host/guest.ts';
import { GuestExit } from '../../host/wasi-cli/index.ts';
import { findAnyCommand } from '../find-command.ts';
import type { RunningCalls } from '../running-calls.ts';
import type { Trigger } from '../trigger.ts';
import { TriggerCall } from '../trigger-call.ts';
import { StandardInput, StandardOutput } from './standard-streams.ts';

export interface CommandStreams {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

export interface CommandTrigger extends Trigger {
  /** To be called once; resolves to the exit code. */
  run(): Promise<number>;
}

const FAILED = 1;

/** Only the component of the first trigger is run, as in Spin. */
export function commandTrigger(
  app: App,
  calls: RunningCalls,
  { args, streams }: { readonly args: readonly string[]; readonly streams: () => CommandStreams },
): CommandTrigger {
  const [trigger] = app.locked.triggers.filter(({ trigger_type }) => trigger_type === 'command');
  const id = trigger === undefined ? '' : parseCommandTrigger(trigger).component;
  const component = app.components.get(id);
  if (component === undefined) {
    throw new Error(`component ${id} was not opened with the app`);
  }
  const { context, linked } = component;
  const command = findAnyCommand(id, linked.exports.keys());
  let call: TriggerCall | undefined;
  return {
    run: async () => {
      const { stdin, stdout, stderr } = streams();
      const running = new TriggerCall(0, {
        args: [id, ...args],
        env: {},
        stdin: () => new StandardInput(stdin),
        stdout: () => new StandardOutput(stdout),
        stderr: () => new StandardOutput(stderr),
      });
      call = running;
      const inTime = calls.limitTime(running, id);
      calls.suspend(running, id);
      try {
        const instance = linked.instantiate(new Guest(context, running), linked.neverWaits ? 'plain' : 'suspending');
        running.onAbort((reason) => instance.abort(reason));
        return await codeOf(instance, command);
      } catch (error) {
        // expected: whatever the command did
        calls.failed(id, error, `guest call failed, component ${id}`);
        return FAILED;
      } finally {
        inTime?.();
        calls.resume(running);
        await Promise.all([written(stdout), written(stderr)]);
      }
    },
    // A command has no end that a stop could wait for.
    stopTaking: async () => call?.abort(new Error('the runtime is stopping')),
    close: async () => {},
  };
}

async function codeOf(instance: ComponentInstance, command: string): Promise<number> {
  try {
    const result = (await instance.call(command, 'run', [])) as Result<undefined, undefined>;
    await instance.finished();
    return result.tag === 'ok' ? 0 : FAILED;
  } catch (error) {
    if (error instanceof GuestExit) {
      return error.status;
    }
    throw error;
  } finally {
    instance.dispose();
    instance.release();
  }
}

/** Resolves when all that was written before has been taken, or never will be. */
const written = (stream: Writable): Promise<void> => new Promise((resolve) => stream.write('', () => resolve()));
