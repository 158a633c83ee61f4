// Which export of a component handles HTTP requests (spin-contract.md §3.1). Decided once, at start.
import { UserError } from '@spindle/api';

const INTERFACE = 'wasi:http/incoming-handler';

/** Served besides the releases of 0.2. */
const SERVED = [
  'wasi:http/incoming-handler@0.2.0-rc-2023-10-18',
  'wasi:http/incoming-handler@0.2.0-rc-2023-11-10',
  'fermyon:spin/inbound-http',
] as const;

/** Handlers Spin knows that this version does not serve yet. */
const NOT_YET = ['wasi:http/handler@0.3.0-rc-2026-03-15', 'wasi:http/handler@0.3.0'] as const;

const KNOWN: readonly string[] = [...SERVED, ...NOT_YET];

const RELEASED_0_2 = /^wasi:http\/incoming-handler@0\.2\.\d+$/;

/** What a program exports that answers as CGI has it (spin-contract.md §6.6). */
const COMMAND = /^wasi:cli\/run@0\.2\./;

/** The name of the export to call; throws UserError when there is not exactly one that can be served. */
export function findHandler(componentId: string, exports: Iterable<string>): string {
  const names = [...exports];
  const found = names.filter((name) => RELEASED_0_2.test(name) || KNOWN.includes(name));
  const [handler] = found;
  if (handler === undefined) {
    throw new UserError(
      `Expected component to export one of ${[...KNOWN, `${INTERFACE}@0.2.x`].map((name) => `\`${name}\``).join(', ')} ` +
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
  if (NOT_YET.some((known) => known === handler)) {
    throw new UserError(`component "${componentId}" handles requests by \`${handler}\`, which is not served yet`, {
      code: 'SPK4024',
      field: `component.${componentId}.source`,
      remedy: `Build it for \`${INTERFACE}@0.2.0\` or a later 0.2 version.`,
    });
  }
  return handler;
}
