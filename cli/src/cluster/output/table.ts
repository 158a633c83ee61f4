// Rows of text in columns, as kubectl prints them.
import { stripVTControlCharacters } from 'node:util';

const GAP = 3;

/** The first row is the head. No line ends in blanks. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ''))),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell) + GAP))
      .join('')
      .trimEnd(),
  );
}

/** Colors take no room. */
const widthOf = (cell: string): number => stripVTControlCharacters(cell).length;
