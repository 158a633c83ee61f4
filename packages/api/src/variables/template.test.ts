import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { thrown } from '../test-support/thrown.ts';
import { VariableError } from './error.ts';
import { fillTemplate, parseTemplate, type Template, type TemplatePart } from './template.ts';

const literal = (text: string): TemplatePart => ({ kind: 'literal', text });
const variable = (name: string): TemplatePart => ({ kind: 'variable', name });

describe('a template', () => {
  it.each<[string, Template]>([
    ['', []],
    ['plain', [literal('plain')]],
    ['{{ a }}', [variable('a')]],
    ['x{{a}}y{{ b\t}}', [literal('x'), variable('a'), literal('y'), variable('b')]],
    ['}} { }', [literal('}} { }')]],
    ['{{{a}}}', [variable('{a'), literal('}')]],
    ['{{ {{ a }}', [variable('{{ a')]],
    ['{{}}', [variable('')]],
  ])('%j', (text, parts) => {
    expect(parseTemplate(text)).toEqual(parts);
  });

  it.each(['{{', 'a {{ b', '{{ a }} {{', '{{ a }'])('must close what it opens: %j', (text) => {
    const error = thrown(() => parseTemplate(text));
    expect(error).toEqual(new VariableError('other', "invalid variable template: unmatched '{{' in template"));
    expect(error).toBeInstanceOf(VariableError);
  });

  it('cannot be filled when a value is missing', () => {
    expect(fillTemplate(parseTemplate('a{{b}}c'), () => undefined)).toBeUndefined();
  });

  it('is the same after it was written and read again', () => {
    const name = fc.stringMatching(/^[a-z][a-z_]{0,5}$/);
    const text = fc.stringMatching(/^[^{}]{1,6}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(text, name), { maxLength: 5 }), text, (pairs, end) => {
        const parts = [...pairs.flatMap(([before, of]) => [literal(before), variable(of)]), literal(end)];
        const written = parts.map((part) => (part.kind === 'literal' ? part.text : `{{ ${part.name} }}`)).join('');
        expect(parseTemplate(written)).toEqual(parts);
        expect(fillTemplate(parts, (of) => `{{ ${of} }}`)).toBe(written);
      }),
    );
  });
});
