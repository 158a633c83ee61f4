// `spindle templates list`
import type { Console } from '../console.ts';
import { allTemplates } from './store.ts';
import { table } from './table.ts';
import type { Template } from './template.ts';

export interface ListFlags {
  tag?: string[];
  verbose?: boolean;
  format: 'table' | 'names-only' | 'json';
}

export async function list(flags: ListFlags, console: Console): Promise<void> {
  const { templates, broken } = await allTemplates(console);
  const shown = templates.filter((template) => hasTags(template, flags.tag ?? []));
  if (flags.format === 'json') {
    const rows = shown.map(({ id, description, tags, installedFrom }) => ({ id, description, tags, installedFrom }));
    console.out(JSON.stringify(rows, null, 2));
  } else if (flags.format === 'names-only') {
    shown.forEach(({ id }) => console.out(id));
  } else {
    const rows = shown.map(({ id, description, tags, installedFrom }) =>
      flags.verbose ? [id, description, tags.join(','), installedFrom ?? 'built in'] : [id, description],
    );
    table(rows).forEach(console.out);
  }
  for (const { folder, error } of broken) {
    console.err(`Warning: the template in ${folder} cannot be used: ${error instanceof Error ? error.message : error}`);
  }
}

export const hasTags = ({ tags }: Template, wanted: readonly string[]): boolean =>
  wanted.every((tag) => tags.includes(tag.toLowerCase()));
