// Reads TOML into a DocumentNode whose errors say file, line, column and field, and show the line as Spin does.
import { parse, TomlError, type TomlTable } from 'smol-toml';

import {
  type Blame,
  DocumentNode,
  type DocumentPath,
  type ErrorDetail,
  fieldName,
  type SourceDocument,
} from '../document/document-node.ts';
import { type ErrorCode, UserError } from '../errors.ts';
import { mapSource, pathKey, type SourceMap, type Span } from './source-map.ts';

/** `code` is that of every error about the document. Integers in it are bigint: TOML tells `2` from `2.0`, and so does Spin. */
export function readToml(text: string, file: string, code: ErrorCode): DocumentNode {
  return new DocumentNode(parseToml(text, file, code), [], new TomlDocument(text, file, code));
}

function parseToml(text: string, file: string, code: ErrorCode): TomlTable {
  try {
    return parse(text, { integersAsBigInt: true });
  } catch (error) {
    if (!(error instanceof TomlError)) {
      throw error;
    }
    const { line, column } = error;
    throw new UserError(`${excerpt(text, line, column, 1)}\n${syntaxProblem(error, text)}`, {
      code,
      file,
      line,
      column,
      remedy: 'Correct the TOML syntax there.',
    });
  }
}

function syntaxProblem({ message, line, column }: TomlError, text: string): string {
  const reason = (message.split('\n')[0] ?? '').replace('Invalid TOML document: ', '');
  const isAtLineEnd = column > (text.split(/\r?\n/)[line - 1] ?? '').length;
  return isAtLineEnd && reason === 'illegal character in key'
    ? 'invalid key or table header: the line ends before it does'
    : reason;
}

class TomlDocument implements SourceDocument {
  readonly #text: string;
  readonly #file: string;
  readonly #code: ErrorCode;
  #map: SourceMap | undefined;

  constructor(text: string, file: string, code: ErrorCode) {
    this.#text = text;
    this.#file = file;
    this.#code = code;
  }

  schemaError(message: string, path: DocumentPath, detail: ErrorDetail): UserError {
    const span = this.#span(path, detail.blame);
    const { line, column } = lineAndColumn(this.#text, span.start);
    return this.contentError(`${excerpt(this.#text, line, column, span.end - span.start)}\n${message}`, path, detail);
  }

  contentError(message: string, path: DocumentPath, { blame, ...detail }: ErrorDetail): UserError {
    return new UserError(message, {
      code: this.#code,
      file: this.#file,
      ...lineAndColumn(this.#text, this.#span(path, blame).start),
      ...(path.length > 0 && { field: fieldName(path) }),
      ...detail,
    });
  }

  /** Of the value itself, or of the nearest table round it. */
  #span(path: DocumentPath, blame: Blame = 'value'): Span {
    this.#map ??= mapSource(this.#text);
    for (let length = path.length; length > 0; length -= 1) {
      const place = this.#map.get(pathKey(path.slice(0, length)));
      if (place !== undefined) {
        return place[blame];
      }
    }
    const firstLineEnd = this.#text.indexOf('\n');
    return { start: 0, end: firstLineEnd === -1 ? this.#text.length : firstLineEnd };
  }
}

/** Both count from 1; columns count characters, not UTF-16 units. */
function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: [...(before.at(-1) ?? '')].length + 1 };
}

/** Spin's (that is, the Rust toml crate's) way to show the place: the line and carets under what is meant. */
function excerpt(text: string, line: number, column: number, length: number): string {
  const source = (text.split('\n')[line - 1] ?? '').replace(/\r$/, '');
  const gutter = ' '.repeat(String(line).length);
  const carets = '^'.repeat(Math.max(1, Math.min(length, [...source].length - column + 1)));
  return [
    `TOML parse error at line ${line}, column ${column}`,
    `${gutter} |`,
    `${line} | ${source}`,
    `${gutter} | ${' '.repeat(column - 1)}${carets}`,
  ].join('\n');
}
