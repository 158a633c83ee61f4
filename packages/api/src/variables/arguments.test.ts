import { describe, expect, it } from 'vitest';

import { UserError } from '../errors.ts';
import { userError } from '../test-support/thrown.ts';
import { parseVariableArguments } from './arguments.ts';

const FILES: Readonly<Record<string, string>> = {
  'secret.txt': 'hunter2\n',
  'v.json': '{ "a": "1", "b": "2" }',
  'v.toml': 'a = "1"\n"b" = "2"',
  'number.json': '{ "pin": 4711 }',
  'number.toml': 'pin = 4711',
  'bad.json': '{ "token": "hunter2"',
  'bad.toml': 'token = "hunter2',
};

function readFile(path: string): string {
  const text = FILES[path];
  if (text === undefined) {
    throw new UserError('no such file', { code: 'SPK1006', file: path });
  }
  return text;
}

const parse = (...values: string[]): unknown => Object.fromEntries(parseVariableArguments(values, readFile));

describe('the values of --variable', () => {
  it.each([
    [['a=1'], { a: '1' }],
    [['a='], { a: '' }],
    [['a=b=c'], { a: 'b=c' }],
    [['a=1', 'a=2'], { a: '2' }],
    [['a=@secret.txt'], { a: 'hunter2\n' }],
    [['@v.json'], { a: '1', b: '2' }],
    [['@v.toml', 'b=3'], { a: '1', b: '3' }],
  ])('%j', (values, expected) => {
    expect(parse(...values)).toEqual(expected);
  });

  it.each([
    ['a', "variables must be in the form 'key=value' or '@file'"],
    ['', "variables must be in the form 'key=value' or '@file'"],
    ['@v.yaml', 'variable files must end in .json or .toml'],
    ['@none.json', 'no such file'],
    ['a=@none', 'no such file'],
    ['@number.json', 'the value of "pin" is not a string'],
    ['@number.toml', 'the value of "pin" is not a string'],
    ['@bad.json', 'not valid JSON'],
    ['@bad.toml', 'not valid TOML'],
  ])('%j: %s', (value, message) => {
    const error = userError(() => parse(value));
    expect(error.message).toBe(message);
    expect(`${error.stack} ${String(error.cause)}`).not.toMatch(/hunter2|4711/);
  });
});
