// How an error looks to the user: what happened, where, why, what to do. A stack is shown only for a defect of
// Spindle itself (spin-contract.md §5.5, last point).
import { UserError } from '@spindle/api';

export function errorText(error: unknown): string {
  if (!(error instanceof UserError)) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `Error: this is a defect of Spindle, please report it with the lines below\n\n${detail}`;
  }
  const lines = [`Error: ${error.message}`, placeLine(error), causes(error), remedyLine(error)];
  return lines.filter(Boolean).map(printable).join('\n');
}

/** The same for programs, in one line. `version` counts up when a field goes or changes its meaning. */
export function errorJson(error: unknown): string {
  const { message, code, place, remedy } =
    error instanceof UserError
      ? error
      : {
          message: error instanceof Error ? (error.stack ?? error.message) : String(error),
          code: undefined,
          place: {},
          remedy: undefined,
        };
  return JSON.stringify({ kind: 'Error', version: 1, code, message, ...place, remedy });
}

/** Names in an error may come from a registry or a component: they must not steer the terminal. */
const printable = (text: string): string =>
  text.replaceAll(/[^\P{Cc}\n\t]/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The code stands here, so that the first line stays word for word what Spin says. */
function placeLine({ message, code, place: { file, line, column, field } }: UserError): string {
  const position = file && [file, line, column].filter((part) => part !== undefined).join(':');
  const parts = [position, field].filter((part) => part !== undefined && !message.includes(part));
  return parts.length === 0 ? `  ${code}` : `  ${code} at ${parts.join(', ')}`;
}

function causes(error: Error): string {
  const messages: string[] = [];
  for (let { cause } = error; cause instanceof Error; { cause } = cause) {
    if (!error.message.includes(cause.message) && !messages.includes(cause.message)) {
      messages.push(cause.message);
    }
  }
  if (messages.length === 0) {
    return '';
  }
  const numbered =
    messages.length === 1 ? messages.map((text) => `      ${text}`) : messages.map((text, i) => `   ${i}: ${text}`);
  return `\nCaused by:\n${numbered.join('\n')}`;
}

const remedyLine = ({ remedy }: UserError): string => (remedy === undefined ? '' : `\n${remedy}`);
