// Templates such as `https://{{ api_host }}`: no escapes, no functions, no nesting (spin-contract.md §1.10).
import { invalidTemplate } from './error.ts';

export type TemplatePart =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string };

export type Template = readonly TemplatePart[];

const OPEN = '{{';
const CLOSE = '}}';

/** Throws a VariableError when an `{{` is not closed. A `}}` on its own is text. */
export function parseTemplate(text: string): Template {
  const parts: TemplatePart[] = [];
  let offset = 0;
  for (;;) {
    const open = text.indexOf(OPEN, offset);
    const literal = open === -1 ? text.slice(offset) : text.slice(offset, open);
    if (literal !== '') {
      parts.push({ kind: 'literal', text: literal });
    }
    if (open === -1) {
      return parts;
    }
    const close = text.indexOf(CLOSE, open + OPEN.length);
    if (close === -1) {
      throw invalidTemplate("unmatched '{{' in template");
    }
    parts.push({ kind: 'variable', name: text.slice(open + OPEN.length, close).trim() });
    offset = close + CLOSE.length;
  }
}

export function templateVariables(template: Template): string[] {
  return template.flatMap((part) => (part.kind === 'variable' ? [part.name] : []));
}

/** undefined when a variable has no value. */
export function fillTemplate(template: Template, value: (name: string) => string | undefined): string | undefined {
  let filled = '';
  for (const part of template) {
    const text = part.kind === 'literal' ? part.text : value(part.name);
    if (text === undefined) {
      return undefined;
    }
    filled += text;
  }
  return filled;
}
