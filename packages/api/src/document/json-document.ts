// Reads JSON into a DocumentNode whose errors say file and field.
import { type ErrorCode, UserError } from '../errors.ts';
import { DocumentNode, type DocumentPath, type ErrorDetail, fieldName, type SourceDocument } from './document-node.ts';

/** `code` is that of every error about the document. */
export function readJson(text: string, file: string, code: ErrorCode): DocumentNode {
  return new DocumentNode(parseJson(text, file, code), [], new JsonDocument(file, code));
}

function parseJson(text: string, file: string, code: ErrorCode): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // V8 quotes a piece of the text (it may hold a secret) and, in most cases, ends with where it stands.
    const reason = error instanceof Error ? error.message : '';
    const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(reason) ?? [];
    throw new UserError('not valid JSON', {
      code,
      file,
      ...(line !== undefined && { line: Number(line), column: Number(column) }),
      remedy: 'The document is damaged or something else than JSON; write or fetch it again.',
    });
  }
}

/** A part of a document that was read elsewhere, such as a trigger's configuration in a locked app. */
export function nodeOf(value: unknown, path: DocumentPath, code: ErrorCode): DocumentNode {
  return new DocumentNode(value, path, new JsonDocument(undefined, code));
}

class JsonDocument implements SourceDocument {
  readonly #file: string | undefined;
  readonly #code: ErrorCode;

  constructor(file: string | undefined, code: ErrorCode) {
    this.#file = file;
    this.#code = code;
  }

  schemaError(message: string, path: DocumentPath, { remedy, cause }: ErrorDetail): UserError {
    return new UserError(message, {
      code: this.#code,
      ...(this.#file !== undefined && { file: this.#file }),
      ...(path.length > 0 && { field: fieldName(path) }),
      ...(remedy !== undefined && { remedy }),
      cause,
    });
  }

  contentError(message: string, path: DocumentPath, detail: ErrorDetail): UserError {
    return this.schemaError(message, path, detail);
  }
}
