import { expect, test } from 'vitest';
import { dottedPascalCase, kebabCase, pascalCase, snakeCase } from './case-words.ts';

// What heck, the crate behind Spin's filters, makes of them.
test.each([
  ['my-app', 'my-app', 'my_app', 'MyApp'],
  ['originally_snaky', 'originally-snaky', 'originally_snaky', 'OriginallySnaky'],
  ['My App', 'my-app', 'my_app', 'MyApp'],
  ['HTTPServer', 'http-server', 'http_server', 'HttpServer'],
  ['camelCase', 'camel-case', 'camel_case', 'CamelCase'],
  ['app2Go', 'app2-go', 'app2_go', 'App2Go'],
  ['--odd__ends--', 'odd-ends', 'odd_ends', 'OddEnds'],
  ['', '', '', ''],
])('%j is spelt as file and type names want it', (text, kebab, snake, pascal) => {
  expect([kebabCase(text), snakeCase(text), pascalCase(text)]).toEqual([kebab, snake, pascal]);
});

test('dots stay where a namespace has them', () => {
  expect(dottedPascalCase('originally.semi-dotted')).toBe('Originally.SemiDotted');
});
