// One value in a line of YAML: plain, as upstream writes it, wherever every reader takes it for the same text, else quoted.
import { isMap, isScalar, parseDocument } from 'yaml';

/** YAML 1.1 is what Kubernetes reads, 1.2 what editors do. */
const VERSIONS = ['1.1', '1.2'] as const;

export const yamlScalar = (text: string): string => (isPlain(text) ? text : quoted(text));

function isPlain(text: string): boolean {
  return !NEVER_PLAIN.test(text) && VERSIONS.every((version) => readAs(text, version) === text);
}

/** What the library reads and others might not: line breaks, tabs, control characters. */
const NEVER_PLAIN = /[\p{Cc}\p{Zl}\p{Zp}\uFEFF\p{Cs}]|^$/u;

function readAs(text: string, version: '1.1' | '1.2'): unknown {
  const document = parseDocument(`key: ${text}\n`, { version, logLevel: 'silent' });
  if (document.errors.length > 0 || document.warnings.length > 0) {
    return undefined;
  }
  // An alias is none, and a text with a line in it would be more than one key.
  const { contents } = document;
  const value = isMap(contents) && contents.items.length === 1 ? contents.get('key', true) : undefined;
  return isScalar(value) && value.tag === undefined && value.anchor === undefined ? value.value : undefined;
}

/** JSON's strings are YAML's; what JSON leaves as it is and YAML may not have, is escaped too. */
const quoted = (text: string): string =>
  JSON.stringify(text).replaceAll(
    /[\u007F-\u009F\u2028\u2029\uFEFF]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** A quantity: whole numbers are numbers to the schema, which takes them; other numbers it does not. */
export const yamlQuantity = (text: string): string => (/^(?:0|[1-9]\d{0,14})$/.test(text) ? text : yamlScalar(text));
