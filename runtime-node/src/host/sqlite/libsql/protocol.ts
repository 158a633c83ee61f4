// Hrana over HTTP, version 2 (github.com/tursodatabase/libsql, docs/HRANA_2_SPEC.md): what is sent, and the checked reading
// of what comes back. A server may answer anything.
import type { QueryResult, SqlValue } from '../backend.ts';
import { ResultBytes, resultTooLarge } from '../../result-size.ts';

export type PipelineRequest =
  | {
      readonly type: 'execute';
      readonly stmt: { readonly sql: string; readonly args: readonly HranaValue[]; readonly want_rows: true };
    }
  | { readonly type: 'sequence'; readonly sql: string }
  | { readonly type: 'close' };

export type HranaValue =
  | { readonly type: 'null' }
  | { readonly type: 'integer'; readonly value: string }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'blob'; readonly base64: string };

export interface PipelineAnswer {
  /** Names the stream of this connection for the next request; null when the server has closed it. */
  readonly baton: string | null;
  /** Where the next request of the stream goes, when the server says so. */
  readonly baseUrl: string | null;
  readonly result: HranaResult | { readonly failure: string };
}

export interface HranaResult extends QueryResult {
  readonly lastInsertRowid: bigint;
  readonly changes: bigint;
}

/** What came is not Hrana. */
export class HranaMalformed extends Error {
  override readonly name = 'HranaMalformed';
}

export function toHrana(value: SqlValue): HranaValue {
  switch (value.tag) {
    case 'integer':
      return { type: 'integer', value: String(value.val) };
    case 'real':
      return { type: 'float', value: value.val };
    case 'text':
      return { type: 'text', value: value.val };
    case 'blob':
      return { type: 'blob', base64: Buffer.from(value.val).toString('base64') };
    default:
      return { type: 'null' };
  }
}

export function readAnswer(text: string): PipelineAnswer {
  const answer = recordOf(parsed(text), 'the answer');
  const [first] = listOf(answer['results'], 'results');
  return {
    baton: typeof answer['baton'] === 'string' ? answer['baton'] : null,
    baseUrl: typeof answer['base_url'] === 'string' ? answer['base_url'] : null,
    result: readResult(recordOf(first, 'results[0]')),
  };
}

function readResult(result: Readonly<Record<string, unknown>>): PipelineAnswer['result'] {
  if (result['type'] === 'error') {
    return { failure: streamError(recordOf(result['error'], 'error')) };
  }
  const response = recordOf(result['response'], 'response');
  if (response['type'] !== 'execute') {
    return { columns: [], rows: [], lastInsertRowid: 0n, changes: 0n };
  }
  const executed = recordOf(response['result'], 'result');
  const size = new ResultBytes();
  return {
    columns: listOf(executed['cols'], 'cols').map((column) => String(recordOf(column, 'a column')['name'] ?? '')),
    rows: listOf(executed['rows'], 'rows').map((row) => ({
      values: listOf(row, 'a row').map((value) => sized(fromHrana(recordOf(value, 'a value')), size)),
    })),
    lastInsertRowid: integer(executed['last_insert_rowid'] ?? '0'),
    changes: integer(executed['affected_row_count'] ?? 0),
  };
}

/** As the Rust client shows it. */
const streamError = ({ message, code }: Readonly<Record<string, unknown>>): string =>
  `Hrana: \`stream error: \`Error { message: ${JSON.stringify(String(message))}, code: ${JSON.stringify(String(code))} }\`\``;

function fromHrana(value: Readonly<Record<string, unknown>>): SqlValue {
  const { type, value: content, base64 } = value;
  if (type === 'null') {
    return { tag: 'null' };
  }
  if (type === 'integer') {
    return { tag: 'integer', val: integer(content) };
  }
  if (type === 'float' && typeof content === 'number') {
    return { tag: 'real', val: content };
  }
  if (type === 'text' && typeof content === 'string') {
    return { tag: 'text', val: content };
  }
  if (type === 'blob' && typeof base64 === 'string') {
    return { tag: 'blob', val: new Uint8Array(Buffer.from(base64, 'base64')) };
  }
  throw new HranaMalformed('a value of no known type');
}

function sized(value: SqlValue, size: ResultBytes): SqlValue {
  const bytes = value.tag === 'text' || value.tag === 'blob' ? value.val.length : 0;
  if (!size.add(bytes)) {
    throw new HranaMalformed(resultTooLarge);
  }
  return value;
}

/** 64 bits, written as a string so that JSON loses none. */
function integer(value: unknown): bigint {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  if (!/^-?\d{1,19}$/.test(text)) {
    throw new HranaMalformed('an integer that is none');
  }
  return BigInt.asIntN(64, BigInt(text));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HranaMalformed('not JSON', { cause });
  }
}

function recordOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new HranaMalformed(`${what} is no object`);
  }
  return value as Readonly<Record<string, unknown>>;
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) {
    throw new HranaMalformed(`${what} is no list`);
  }
  return value;
}
