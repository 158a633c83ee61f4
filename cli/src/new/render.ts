// From a template and its values to the files that it makes: nothing is written here.
import { isUtf8 } from 'node:buffer';
import { templateFailed, unsafeTemplatePath } from '../errors.ts';
import { NotLiquid, templateLanguage, type TemplateValues } from '../templates/liquid.ts';
import type { TemplateFile } from '../templates/template.ts';

export interface RenderedFile {
  /** With `/`, relative to the folder that is made. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface Renderer {
  files(files: readonly TemplateFile[]): RenderedFile[];
  text(bytes: Buffer, what: string): string;
  path(path: string): string;
}

/** `template` is its id, for messages. */
export function renderer(template: string, values: TemplateValues): Renderer {
  const parse = templateLanguage();
  const rendered = (text: string, what: string): string => {
    try {
      return parse(text).render(values);
    } catch (error) {
      if (error instanceof NotLiquid) {
        throw error;
      }
      throw templateFailed(template, what, error);
    }
  };
  const path = (given: string): string => {
    // `|` cannot stand in file names everywhere, so templates write `!!` for it.
    const made = given.includes('{{') ? rendered(given.replaceAll('!!', '|'), `the path ${given}`) : given;
    if (made.split('/').some((name) => name === '..' || name === '') || made.includes('\\')) {
      throw unsafeTemplatePath(template, made);
    }
    return made;
  };
  return {
    path,
    text: (bytes, what) => rendered(bytes.toString('utf8'), what),
    files: (files) =>
      files.map(({ path: from, bytes }) => ({
        path: path(from),
        bytes: content(bytes, (text) => rendered(text, from)),
      })),
  };
}

/** Images stay as they are, and so do texts in whose language braces mean something else. */
function content(bytes: Buffer, rendered: (text: string) => string): Uint8Array {
  if (!isUtf8(bytes)) {
    return bytes;
  }
  try {
    return Buffer.from(rendered(bytes.toString('utf8')));
  } catch (error) {
    if (error instanceof NotLiquid) {
      return bytes;
    }
    throw error;
  }
}
