// Reads JSON into a DocumentNode whose errors say file and field.
import { UserError } from '../errors.ts';
import { DocumentNode, type DocumentPath, type ErrorDetail, fieldName, type SourceDocument } from './document-node.ts';

export function readJson(text: string, file: string): DocumentNode {
  return new DocumentNode(parseJson(text, file), [], new JsonDocument(file));
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // V8 quotes a piece of the text (it may hold a secret) and, in most cases, ends with where it stands.
    const reason = error instanceof Error ? error.message : '';
    const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(reason) ?? [];
    throw new UserError('not valid JSON', {
      file,
      ...(line !== undefined && { line: Number(line), column: Number(column) }),
      remedy: 'The document is damaged or something else than JSON; write or fetch it again.',
    });
  }
}

/** A part of a document that was read elsewhere, such as a trigger's configuration in a locked app. */
export function nodeOf(value: unknown, path: DocumentPath): DocumentNode {
  return new DocumentNode(value, path, new JsonDocument(undefined));
}

class JsonDocument implements SourceDocument {
  readonly #file: string | undefined;

  constructor(file: string | undefined) {
    this.#file = file;
  }

  schemaError(message: string, path: DocumentPath, { remedy, cause }: ErrorDetail): UserError {
    return new UserError(message, {
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
