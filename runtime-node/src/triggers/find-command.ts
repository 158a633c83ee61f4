// Which export of a component is run as a command (spin-contract.md §3.1, §6.5). Decided once, at start.
import { UserError } from '@spindle/api';

const COMMAND = /^wasi:cli\/run@0\.2\.\d+$/;
const ASYNC_COMMAND = /^wasi:cli\/run@0\.3\.\d+(?:-rc-2026-03-15)?$/;

/** Of the command trigger: that of WASI 0.3 first, where there is one. */
export function findAnyCommand(componentId: string, exports: Iterable<string>): string {
  const names = [...exports];
  return names.find((name) => ASYNC_COMMAND.test(name)) ?? findCommand(componentId, names, 'command trigger');
}

/** `caller` is what calls it. */
export function findCommand(componentId: string, exports: Iterable<string>, caller = 'wagi executor'): string {
  const names = [...exports];
  const command = names.find((name) => COMMAND.test(name));
  if (command === undefined) {
    throw new UserError(
      `failed to find wasi command interface for ${caller}: component "${componentId}" exports no ` +
        `\`wasi:cli/run@0.2.x\`. It exports: ${names.join(', ') || 'nothing'}`,
      {
        code: 'SPK4027',
        field: `component.${componentId}.source`,
        remedy:
          'Build it as a command, with a main function; or remove `executor` from its trigger if it handles HTTP.',
      },
    );
  }
  return command;
}
