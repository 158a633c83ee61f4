import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  kebabIdProblem,
  lowerSnakeIdProblem,
  snakeIdProblem,
  storeLabelProblem,
  variableNameProblem,
} from './identifiers.ts';

describe('a kebab id', () => {
  it.each(['a', 'hello', 'hello-world', 'HELLO', 'HELLO-world', 'a1-b2', 'constructor'])('may be %s', (id) => {
    expect(kebabIdProblem(id)).toBeUndefined();
  });

  it.each([
    ['', 'empty'],
    ['he_llo', "words must be separated with '-', not '_'"],
    ['a--b', "'-'-separated words must not be empty"],
    ['-a', "'-'-separated words must not be empty"],
    ['a-', "'-'-separated words must not be empty"],
    ['1hello', "'-'-separated words must start with an ASCII letter; got '1'"],
    ['a-1', "'-'-separated words must start with an ASCII letter; got '1'"],
    ['a+b', "'-'-separated words may only contain alphanumeric ASCII; got '+'"],
    ['aé', "'-'-separated words may only contain alphanumeric ASCII; got 'é'"],
    ['a😀', "'-'-separated words may only contain alphanumeric ASCII; got '😀'"],
    ['aB', `'-'-separated words must be all lowercase or all UPPERCASE; got "aB"`],
    ['x-heLlo', `'-'-separated words must be all lowercase or all UPPERCASE; got "heLlo"`],
  ])('%j is refused: %s', (id, problem) => {
    expect(kebabIdProblem(id)).toBe(problem);
  });
});

describe('a variable name in a manifest', () => {
  it.each([
    ['a', undefined],
    ['api_host', undefined],
    ['a_b2', undefined],
    ['X', 'Lower-case identifiers must be all lowercase; got "X"'],
    ['a_X', 'Lower-case identifiers must be all lowercase; got "a_X"'],
    ['Bad', `'_'-separated words must be all lowercase or all UPPERCASE; got "Bad"`],
    ['a__b', "'_'-separated words must not be empty"],
    ['a-b', "words must be separated with '_', not '-'"],
  ])('%j: %s', (name, problem) => {
    expect(lowerSnakeIdProblem(name)).toBe(problem);
  });

  it('may be all upper case only as a snake id', () => {
    expect(snakeIdProblem('A_B')).toBeUndefined();
  });
});

describe('a store label', () => {
  it.each([
    ['default', undefined],
    ['my-store', undefined],
    ['my_store', undefined],
    ['Bad Label', 'expected kebab-case or snake_case'],
    ['a-b_c', 'expected kebab-case or snake_case'],
    ['', 'expected kebab-case or snake_case'],
  ])('%j: %s', (label, problem) => {
    expect(storeLabelProblem(label)).toBe(problem);
  });
});

describe('a variable name at run time', () => {
  it.each(['a', 'abc', 'a1b2c3', 'a_1', 'a_1_b_3'])('may be %s', (name) => {
    expect(variableNameProblem(name)).toBeUndefined();
  });

  it.each([
    ['', 'must not be empty'],
    ['aX', "invalid character 'X'. Variable names may contain only lower-case letters, numbers, and underscores."],
    ['x-y', "invalid character '-'. Variable names may contain only lower-case letters, numbers, and underscores."],
    ['1bc', 'must start with a lowercase ASCII letter'],
    ['_x', 'must start with a lowercase ASCII letter'],
    ['x_', 'must end with a lowercase ASCII letter or digit'],
    ['a__b', 'must not contain multiple consecutive underscores'],
  ])('%j is refused: %s', (name, problem) => {
    expect(variableNameProblem(name)).toBe(problem);
  });

  it('accepts every name that a manifest accepts', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z_0-9A-Z-]{1,8}$/), (name) => {
        fc.pre(lowerSnakeIdProblem(name) === undefined);
        expect(variableNameProblem(name)).toBeUndefined();
      }),
    );
  });
});
