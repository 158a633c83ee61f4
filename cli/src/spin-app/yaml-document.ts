// Reads the documents of a YAML or JSON file into DocumentNodes whose errors say file, line, column and field. As strict
// as kubectl: no duplicate keys, no tags beyond those of JSON; plain scalars mean what they mean in a cluster (YAML 1.1,
// so `yes` is true). Aliases are limited: ten lines can otherwise stand for a gigabyte.
import { DocumentNode, UserError, type DocumentPath, type ErrorDetail, type SourceDocument } from '@spindle/api';
import { type Alias, isCollection, isMap, isPair, isScalar, LineCounter, parseAllDocuments, visit } from 'yaml';
import type { Document, Node, ParsedNode, Tags } from 'yaml';

/** Some hundred Secrets of a megabyte, the most that one may have: more is something else than manifests. */
const MOST_CHARACTERS = 100 * 2 ** 20;

/** The default of the library: how many nodes aliases may stand for. */
const MOST_ALIASES = 100;

const JSON_TAGS = ['map', 'seq', 'str', 'null', 'bool', 'int', 'float', 'merge'];

export function readYaml(text: string, file: string): DocumentNode[] {
  if (text.length > MOST_CHARACTERS) {
    throw refused('the file is too large to be one of manifests', { file }, 'Name a file of Kubernetes manifests.');
  }
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    version: '1.1',
    lineCounter: lines,
    // The library's own excerpts would show what stands in a Secret.
    prettyErrors: false,
    logLevel: 'error',
    stringKeys: true,
    customTags: jsonTags,
  });
  return Array.isArray(documents) ? documents.map((document) => toNode(document, { file, lines })) : [];
}

/** Without dates and numbers to the base of sixty, which kubectl reads as text. */
const jsonTags = (tags: Tags): Tags =>
  tags.filter(
    (tag) =>
      typeof tag === 'object' &&
      tag.format !== 'TIME' &&
      JSON_TAGS.some((name) => tag.tag === `tag:yaml.org,2002:${name}`),
  );

interface Source {
  readonly file: string;
  readonly lines: LineCounter;
}

function toNode(document: Document.Parsed, source: Source): DocumentNode {
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    // Without the quotation of the text, which may be a secret.
    const message = problem.message.replace(/: ".*"$/s, '');
    throw refused(message, placeOf(problem.pos[0], source), 'Correct the YAML there.');
  }
  const value = toValue(document, source);
  if (isCyclic(value, [])) {
    throw refused('an alias stands inside of what it refers to', placeOf(document.range[0], source), REMEDY_ALIAS);
  }
  return new DocumentNode(value, [], new YamlDocument(document, source));
}

const REMEDY_ALIAS = 'Write the value out in place of the alias.';

function toValue(document: Document.Parsed, source: Source): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (cause) {
    if (cause instanceof ReferenceError) {
      const lost = unresolvedAlias(document);
      throw lost === undefined
        ? refused('the aliases stand for too much', placeOf(document.range[0], source), REMEDY_ALIAS)
        : refused(
            `there is no anchor &${lost.source} before the alias *${lost.source}`,
            placeOf(lost.range?.[0] ?? 0, source),
            REMEDY_ALIAS,
          );
    }
    if (cause instanceof Error) {
      // A merge of something else than a map; a stack that is too short.
      throw refused(cause.message, placeOf(document.range[0], source), 'Correct the YAML there.');
    }
    throw cause;
  }
}

function unresolvedAlias(document: Document.Parsed): Alias | undefined {
  let lost: Alias | undefined;
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) === undefined) {
        lost = alias;
        return visit.BREAK;
      }
      return undefined;
    },
  });
  return lost;
}

/** Aliases are few by now, so that a walk along them ends soon. */
const isCyclic = (value: unknown, above: readonly unknown[]): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (above.includes(value) || Object.values(value).some((inner) => isCyclic(inner, [...above, value])));

class YamlDocument implements SourceDocument {
  readonly #document: Document.Parsed;
  readonly #source: Source;

  constructor(document: Document.Parsed, source: Source) {
    this.#document = document;
    this.#source = source;
  }

  schemaError(message: string, path: DocumentPath, { blame = 'value', remedy, cause }: ErrorDetail): UserError {
    return new UserError(message, {
      code: 'SPK5031',
      ...placeOf(offsetOf(this.#document.contents, path, blame) ?? this.#document.range[0], this.#source),
      ...(path.length === 0 ? {} : { field: fieldPath(path) }),
      ...(remedy === undefined ? {} : { remedy }),
      cause,
    });
  }

  contentError(message: string, path: DocumentPath, detail: ErrorDetail): UserError {
    return this.schemaError(message, path, detail);
  }
}

/** `spec.variables[0].value`, as kubectl and the API server write it. */
const fieldPath = (path: DocumentPath): string =>
  path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${part}`)).join('');

/** Of the nearest thing round it that was written: what a merge has brought in has no place of its own. */
function offsetOf(contents: ParsedNode | null, path: DocumentPath, blame: 'key' | 'value'): number | undefined {
  let node: unknown = contents;
  let offset = contents?.range[0];
  for (const [index, part] of path.entries()) {
    if (!isCollection(node)) {
      return offset;
    }
    const pair = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part))
      : undefined;
    const next = isMap(node) ? pair?.value : node.items[Number(part)];
    if (pair === undefined && next === undefined) {
      return offset;
    }
    const key = isPair(pair) ? startOf(pair.key) : undefined;
    offset = (index === path.length - 1 && blame === 'key' ? key : startOf(next)) ?? key ?? offset;
    node = next;
  }
  return offset;
}

const startOf = (node: unknown): number | undefined => (node as Node | null | undefined)?.range?.[0];

function placeOf(offset: number, { file, lines }: Source): { file: string; line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { file, line: Math.max(1, line), column: Math.max(1, col) };
}

const refused = (message: string, place: { file: string; line?: number; column?: number }, remedy: string): UserError =>
  new UserError(message, { code: 'SPK5031', ...place, remedy });
