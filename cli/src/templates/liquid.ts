// The one door to Liquid, the language of templates: with Spin's filters, and without a way to other files.
import { Liquid, type Template } from 'liquidjs';
import { dottedPascalCase, kebabCase, pascalCase, snakeCase } from './case-words.ts';

/** Characters and loop turns of one file: far above any source file, far below what a mistaken loop would take. */
const MAX_OUTPUT = 50_000_000;
const MAX_RENDER_MS = 10_000;

export type TemplateValues = Readonly<Record<string, string>>;

export interface TemplateText {
  render(values: TemplateValues): string;
}

/** What is no Liquid at all: the file is then taken as it is. */
export class NotLiquid extends Error {
  override readonly name = 'NotLiquid';
}

/** Undefined variables and unknown filters are mistakes of the template's author; both throw when they are met. */
export function templateLanguage(): (text: string) => TemplateText {
  const engine = new Liquid({
    strictFilters: true,
    strictVariables: true,
    ownPropertyOnly: true,
    // In place of the file system: no template includes another.
    templates: {},
    memoryLimit: MAX_OUTPUT,
    renderLimit: MAX_RENDER_MS,
  });
  engine.registerFilter('kebab_case', (value: unknown) => kebabCase(String(value)));
  engine.registerFilter('snake_case', (value: unknown) => snakeCase(String(value)));
  engine.registerFilter('pascal_case', (value: unknown) => pascalCase(String(value)));
  engine.registerFilter('dotted_pascal_case', (value: unknown) => dottedPascalCase(String(value)));
  engine.registerFilter('http_wildcard', (value: unknown) => httpWildcard(String(value)));
  return (text) => {
    let parsed: Template[];
    try {
      parsed = engine.parse(text);
    } catch (error) {
      // An unknown filter is a mistake; anything else may be a language that has braces of its own.
      throw error instanceof Error && !error.message.startsWith('undefined filter')
        ? new NotLiquid(error.message, { cause: error })
        : error;
    }
    return { render: (values) => String(engine.renderSync(parsed, { ...values })) };
  };
}

/** A route with the wildcard that it needs to serve all below it. */
const httpWildcard = (route: string): string => (route.endsWith('/...') ? route : `${route.replace(/\/$/, '')}/...`);
