// One template on disk: its metadata and the files that it is made of.
import { readFile, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { nothingToMake, notATemplate } from '../errors.ts';
import { parseMetadata, type TemplateMetadata, type TemplateVariant } from './metadata.ts';

export interface Template extends TemplateMetadata {
  readonly folder: string;
  /** A Git URL or a folder; absent for the templates that come with Spindle. */
  readonly installedFrom?: string;
}

export type TemplateUse = 'new' | 'add';

const METADATA = 'metadata/spin-template.toml';

/** A file of a template: where it goes, still as Liquid, and what is in it. */
export interface TemplateFile {
  /** With `/`, relative to what is made; the suffix `.tmpl` is gone. */
  readonly path: string;
  readonly bytes: Buffer;
}

export async function readTemplate(folder: string, installedFrom?: string): Promise<Template> {
  const file = join(folder, METADATA);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw notATemplate(folder, METADATA, cause);
  });
  return { ...parseMetadata(text, file), folder, ...(installedFrom === undefined ? {} : { installedFrom }) };
}

export const variantOf = (template: Template, use: TemplateUse): TemplateVariant | undefined =>
  use === 'new' ? template.newApplication : template.addComponent;

/** What stands in the folder `content`, which may be missing: a template can consist of a snippet alone. */
export async function readContent(template: Template, skip: readonly string[]): Promise<TemplateFile[]> {
  const root = join(template.folder, 'content');
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      // expected: see above
      if (error.code === 'ENOENT') {
        return [];
      }
      throw error;
    },
  );
  // A symlink of somebody else's template could lead to a file that is not meant for the application.
  const isOwn = template.installedFrom === undefined;
  const paths = entries
    .filter((entry) => entry.isFile() || (isOwn && entry.isSymbolicLink()))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !skip.includes(path))
    .toSorted();
  return Promise.all(
    paths.map(async (path) => ({ path: path.replace(/\.tmpl$/, ''), bytes: await readFile(join(root, path)) })),
  );
}

export const readSnippet = async (template: Template, file: string): Promise<Buffer> => {
  const path = join(template.folder, 'metadata/snippets', file);
  return readFile(path).catch((cause: unknown) => {
    throw notATemplate(template.folder, `metadata/snippets/${file}`, cause);
  });
};

/** Throws for a template whose metadata names files that it does not have, or that has nothing to make. */
export async function checkFiles(template: Template): Promise<void> {
  const variants = [template.newApplication, template.addComponent].filter((variant) => variant !== undefined);
  const snippets = variants.flatMap((variant) => [...variant.snippets.values()]);
  for (const snippet of snippets) {
    await readSnippet(template, snippet);
  }
  const isEmpty =
    snippets.length === 0 && template.folders.length === 0 && (await readContent(template, [])).length === 0;
  if (isEmpty) {
    throw nothingToMake(template.folder);
  }
}
