// Which function of a component a trigger other than HTTP calls. Decided once, at start.
import { UserError } from '@spindle/api';
import type { App } from '../app/app.ts';
import type { MessageHandler } from './message-calls.ts';

export interface HandlerNames {
  /** For messages: `Redis`. */
  readonly what: string;
  /** Interfaces that have the function; '' for one of the world itself. */
  readonly served: readonly string[];
  readonly function: string;
}

export function findExport(app: App, componentId: string, names: HandlerNames): MessageHandler {
  const component = app.components.get(componentId);
  if (component === undefined) {
    throw new Error(`component ${componentId} was not opened with the app`);
  }
  const { exports } = component.linked;
  const has = (name: string): boolean => exports.get(name)?.includes(names.function) === true;
  const refuse = (message: string, remedy: string): UserError =>
    new UserError(message, { code: 'SPK4090', field: `component.${componentId}.source`, remedy });
  const [found, ...more] = names.served.filter(has);
  if (found === undefined) {
    const shown = names.served.map((name) => `\`${name === '' ? '' : `${name}#`}${names.function}\``).join(' or ');
    throw refuse(
      `component does not export a ${names.what} interface: ${shown} is missing in component "${componentId}", which ` +
        `exports ${[...exports.keys()].filter((name) => name !== '').join(', ') || [...exports.values()].flat().join(', ') || 'nothing'}`,
      `Build it with a handler of ${names.what} messages.`,
    );
  }
  if (more.length > 0) {
    throw refuse(`component exports multiple ${names.what} interfaces: ${[found, ...more].join(', ')}`, 'Keep one.');
  }
  return { component, interface: found, function: names.function };
}
