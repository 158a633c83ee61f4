// Flags as Go's `flag` package reads them, since upstream's charts and users write them so: one dash or two, the value after
// `=` or in the next argument, `-name` alone for true (control-plane contract §4.1).
import { UserError } from '@spindle/api';

export interface FlagDefinition<T> {
  /** Shown by --help; empty: nothing is shown. */
  readonly default: string;
  /** What the value is, as --help names it; absent for a switch, which may stand without a value. */
  readonly value?: string;
  readonly help: string;
  /** Throws an Error that says what a value has to be. */
  readonly parse: (text: string) => T;
}

export type FlagDefinitions = Readonly<Record<string, FlagDefinition<unknown>>>;

export type FlagValues<D extends FlagDefinitions> = {
  readonly [Name in keyof D]: D[Name] extends FlagDefinition<infer T> ? T : never;
};

/** `help` when that was asked for. */
export function parseFlags<D extends FlagDefinitions>(definitions: D, args: readonly string[]): FlagValues<D> | 'help' {
  const texts = new Map(Object.entries(definitions).map(([name, definition]) => [name, definition.default]));
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const { name, text } = split(arg);
    if ((name === 'help' || name === 'h') && !Object.hasOwn(definitions, name)) {
      return 'help';
    }
    const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
    if (definition === undefined) {
      throw wrong(`there is no flag ${arg.replace(/=.*/s, '')}`, 'See spindle-operator --help.');
    }
    const value = text ?? (definition.value === undefined ? 'true' : rest.shift());
    if (value === undefined) {
      throw wrong(`--${name} needs a value`, `Write --${name}=<${definition.value}>.`);
    }
    texts.set(name, value);
  }
  return Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [name, valueOf(name, definition, texts.get(name) ?? '')]),
  ) as FlagValues<D>;
}

function split(arg: string): { readonly name: string; readonly text: string | undefined } {
  const match = /^--?(?<name>[^-=][^=]*)(?:=(?<text>.*))?$/s.exec(arg);
  const name = match?.groups?.['name'];
  if (name === undefined) {
    throw wrong(`unexpected argument ${JSON.stringify(arg)}`, 'Everything is a flag: see spindle-operator --help.');
  }
  return { name, text: match?.groups?.['text'] };
}

function valueOf(name: string, { parse }: FlagDefinition<unknown>, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw wrong(
      `--${name}=${text} is not valid: ${error instanceof Error ? error.message : String(error)}`,
      'See spindle-operator --help.',
    );
  }
}

const wrong = (message: string, remedy: string): UserError => new UserError(message, { code: 'SPK6001', remedy });

/** The names that Go's strconv.ParseBool knows. */
const BOOLEANS: Readonly<Record<string, boolean>> = Object.fromEntries([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text) => [text, false] as const),
]);

export const toggle = (isOn: boolean, help: string): FlagDefinition<boolean> => ({
  default: String(isOn),
  help,
  parse(text) {
    const value = BOOLEANS[text];
    if (value === undefined) {
      throw new Error('true or false');
    }
    return value;
  },
});

export const text = (value: string, initial: string, help: string): FlagDefinition<string> => ({
  default: initial,
  value,
  help,
  parse: (given) => given,
});

/** Separated by commas; none when empty. */
export const list = (value: string, initial: string, help: string): FlagDefinition<readonly string[]> => ({
  default: initial,
  value,
  help,
  parse: (given) =>
    given
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== ''),
});

export const count = (value: string, initial: number, most: number, help: string): FlagDefinition<number> => ({
  default: String(initial),
  value,
  help,
  parse(given) {
    const number = /^\d+$/.test(given) ? Number(given) : 0;
    if (number < 1 || number > most) {
      throw new Error(`a number from 1 to ${most}`);
    }
    return number;
  },
});

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Go's durations, without the units below a millisecond. */
export const duration = (initial: string, help: string): FlagDefinition<number> => ({
  default: initial,
  value: 'duration',
  help,
  parse(given) {
    if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(given)) {
      throw new Error('a duration such as 15s, 1m30s or 500ms');
    }
    return [...given.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
      (sum, [, number, unit = '']) => sum + Number(number) * (UNIT_MS[unit] ?? 0),
      0,
    );
  },
});

export interface BindAddress {
  /** All addresses when absent. */
  readonly host: string | undefined;
  readonly port: number;
}

/** `:8080`, `127.0.0.1:8080`, `[::1]:8080`; undefined for `0`, which is off. */
export const bindAddress = (initial: string, help: string): FlagDefinition<BindAddress | undefined> => ({
  default: initial,
  value: 'address',
  help,
  parse(given) {
    if (given === '0') {
      return undefined;
    }
    const match = /^(?<host>\[[^\]]*\]|[^:]*):(?<port>\d{1,5})$/.exec(given);
    const port = Number(match?.groups?.['port'] ?? NaN);
    if (!(port <= 65_535)) {
      throw new Error('an address such as :8080 or 127.0.0.1:8080, or 0 for none');
    }
    return { host: match?.groups?.['host']?.replace(/^\[|\]$/g, '') || undefined, port };
  },
});

export function helpText(definitions: FlagDefinitions): string {
  return Object.entries(definitions)
    .map(([name, { value, help, default: initial }]) => {
      const given = initial === '' || (value === undefined && initial === 'false') ? '' : ` (default ${initial})`;
      return `  --${name}${value === undefined ? '' : ` <${value}>`}\n        ${help}${given}\n`;
    })
    .join('');
}
