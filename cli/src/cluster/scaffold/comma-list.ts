// Lists and maps as upstream's flag library (pflag) reads them: one line of CSV each time the flag is given; a map's text with
// only one "=" is not split at all.
import { wrongScaffoldFlag } from '../errors.ts';

export const commaList = (flag: string, texts: readonly string[] = []): string[] =>
  texts.flatMap((text) => (text === '' ? [] : csv(flag, text, text)));

/** By name; a later value wins. */
export function commaPairs(flag: string, texts: readonly string[] = []): [string, string][] {
  const pairs = texts
    .flatMap((text) => pairsOf(flag, text))
    .map((pair): [string, string] => {
      const equals = pair.indexOf('=');
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    });
  return [...new Map(pairs)].toSorted(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
}

function pairsOf(flag: string, text: string): string[] {
  const count = text.split('=').length - 1;
  // Quotes round the whole of a single pair go.
  const pairs = count === 1 ? [text.replaceAll(/^"+|"+$/g, '')] : count === 0 ? [text] : csv(flag, text, text);
  const wrong = pairs.find((pair) => !pair.includes('='));
  if (wrong !== undefined) {
    throw wrongScaffoldFlag(
      flag,
      `invalid argument ${JSON.stringify(text)} for "${flag}" flag: ${wrong} must be formatted as key=value`,
    );
  }
  return pairs;
}

/** RFC 4180 with Go's strictness: a quote stands at the beginning of a field, or is none. */
function csv(flag: string, text: string, whole: string): string[] {
  const fail = (): never => {
    throw wrongScaffoldFlag(
      flag,
      `invalid argument ${JSON.stringify(whole)} for "${flag}" flag: its quotes are not those of a list`,
    );
  };
  const fields: string[] = [];
  let rest = text;
  for (;;) {
    const quoted = /^"(?<inner>(?:[^"]|"")*)"(?=,|$)/.exec(rest);
    const field = quoted ?? /^[^",\n]*(?=,|$)/.exec(rest) ?? fail();
    fields.push(quoted === null ? field[0] : (quoted.groups?.['inner'] ?? '').replaceAll('""', '"'));
    rest = rest.slice(field[0].length);
    if (rest === '') {
      return fields;
    }
    rest = rest.slice(1);
  }
}
