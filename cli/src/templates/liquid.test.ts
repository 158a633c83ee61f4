import { describe, expect, it } from 'vitest';
import { NotLiquid, templateLanguage } from './liquid.ts';

const VALUES = { 'project-name': 'My App', route: '/hello', router: 'hono', text: 'say "hi"' };
const render = (text: string): string => templateLanguage()(text).render(VALUES);

describe('the language of templates', () => {
  it.each([
    ['{{project-name | kebab_case}}', 'my-app'],
    ['{{ project-name | snake_case }}', 'my_app'],
    ['{{project-name | pascal_case}}', 'MyApp'],
    ['{{"a.b" | dotted_pascal_case}}', 'A.B'],
    ['{{route | http_wildcard}}', '/hello/...'],
    ['{{"/" | http_wildcard}} {{"/x/..." | http_wildcard}}', '/... /x/...'],
    ['{{text | json}}', '"say \\"hi\\""'],
    ['{% case router %}{% when "hono" %}H{% else %}other{% endcase %}', 'H'],
    ['{% raw %}{{ kept }}{% endraw %}', '{{ kept }}'],
    ['no braces at all', 'no braces at all'],
  ])('makes of %s: %s', (text, made) => {
    expect(render(text)).toBe(made);
  });

  it.each(['a {{ b', '{% mustache %}', '{{ }}'])('takes %j for another language', (text) => {
    expect(() => render(text)).toThrow(NotLiquid);
  });

  it.each([
    ['{{ project-name | nonsense }}', /undefined filter/],
    ['{{ nobody }}', /undefined variable/],
    ["{% include 'other' %}", /other/],
    ['{% for i in (1..1000000000) %}x{% endfor %}', /limit exceeded/],
  ])('refuses %s', (text, message) => {
    expect(() => render(text)).toThrow(message);
  });
});
