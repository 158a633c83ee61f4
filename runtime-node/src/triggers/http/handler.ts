// Which export of a component handles HTTP requests (spin-contract.md §3.1). Decided once, at start.
import { UserError } from '@spindle/api';

const INTERFACE = 'wasi:http/incoming-handler';

/** Served besides the releases of 0.2 and 0.3. */
const KNOWN: readonly string[] = [
  'wasi:http/incoming-handler@0.2.0-rc-2023-10-18',
  'wasi:http/incoming-handler@0.2.0-rc-2023-11-10',
  'wasi:http/handler@0.3.0-rc-2026-03-15',
  'fermyon:spin/inbound-http',
];

const RELEASED = /^wasi:http\/(?:incoming-handler@0\.2|handler@0\.3)\.\d+$/;
const ASYNCHRONOUS = /^wasi:http\/handler@0\.3\./;

/** Whether the export is an `async func` from a request to a response. */
export const isAsyncHandler = (name: string): boolean => ASYNCHRONOUS.test(name);

/** What a program exports that answers as CGI has it (spin-contract.md §6.6). */
const COMMAND = /^wasi:cli\/run@0\.2\./;

/** The name of the export to call; throws UserError when there is not exactly one that can be served. */
export function findHandler(componentId: string, exports: Iterable<string>): string {
  const names = [...exports];
  const found = names.filter((name) => RELEASED.test(name) || KNOWN.includes(name));
  const [handler] = found;
  if (handler === undefined) {
    throw new UserError(
      `Expected component to export one of ${[...KNOWN, 'wasi:http/handler@0.3.x', `${INTERFACE}@0.2.x`].map((name) => `\`${name}\``).join(', ')} ` +
        `but it exported none of those. This may mean the component handles a different trigger, or that its ` +
        `\`wasi:http\` export is newer than this version of Spindle serves. It exports: ${names.join(', ') || 'nothing'}`,
      {
        code: 'SPK4023',
        field: `component.${componentId}.source`,
        remedy: names.some((name) => COMMAND.test(name))
          ? 'Build the component with an HTTP handler, or let it run as a command: executor = { type = "wagi" } in its trigger.'
          : 'Build the component with an HTTP handler.',
      },
    );
  }
  if (found.length > 1) {
    throw new UserError(
      `component exports multiple different handlers but it's expected to export only one: ${found.join(', ')}`,
      { code: 'SPK4023', field: `component.${componentId}.source`, remedy: 'Keep one of the exports.' },
    );
  }
  return handler;
}
