// Reads a chart's values.yaml as what it says about itself: each key with its default, the comment above it, and the JSON Schema
// that the comment adds.
import { isMap, isScalar, parseDocument, type Node, type Pair, type YAMLMap } from 'yaml';

export interface ChartValue {
  /** From the root, such as ["operator", "image", "tag"]. */
  readonly path: readonly string[];
  readonly description: string;
  /** JSON Schema beside what the default shows. */
  readonly schema: Readonly<Record<string, unknown>>;
  readonly initial: unknown;
  /** Of a map with keys of its own; undefined for what is given as a whole. */
  readonly children: readonly ChartValue[] | undefined;
}

const SCHEMA_MARK = '@schema ';

export function readChartValues(text: string): readonly ChartValue[] {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) {
    throw error;
  }
  if (!isMap(document.contents)) {
    throw new Error('values.yaml: not a map');
  }
  return valuesOf(document.contents, []);
}

function valuesOf(map: YAMLMap, parents: readonly string[]): ChartValue[] {
  return map.items.map((item, index) => {
    const pair = item as Pair<Node, Node | null>;
    const key = String(isScalar(pair.key) ? pair.key.value : pair.key);
    // What stands above the first key belongs to the map.
    const above = index === 0 ? (map.commentBefore ?? pair.key.commentBefore) : pair.key.commentBefore;
    const path = [...parents, key];
    const { description, schema } = readComment(above ?? '', path);
    const isOpen = 'additionalProperties' in schema;
    return {
      path,
      description,
      schema,
      initial: pair.value?.toJSON() as unknown,
      children: isMap(pair.value) && pair.value.items.length > 0 && !isOpen ? valuesOf(pair.value, path) : undefined,
    };
  });
}

/** The last paragraph: those above are about the file, or about nothing. */
function readComment(comment: string, path: readonly string[]): Pick<ChartValue, 'description' | 'schema'> {
  const lines = (comment.split(/\n[ \t]*\n/).at(-1) ?? '').split('\n').map((line) => line.trim());
  const marked = lines.filter((line) => line.startsWith(SCHEMA_MARK));
  const description = lines.filter((line) => !line.startsWith(SCHEMA_MARK)).join(' ');
  try {
    const schemas = marked.map((line) => JSON.parse(line.slice(SCHEMA_MARK.length)) as Record<string, unknown>);
    return { description: description.trim(), schema: Object.assign({}, ...schemas) };
  } catch (cause) {
    throw new Error(`values.yaml: the @schema of ${path.join('.')} is no JSON`, { cause });
  }
}
