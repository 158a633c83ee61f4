// The grammars of names in an application, with Spin's texts for what is wrong (spin-contract.md §1.2).
// Every function answers what is wrong with a name, or undefined when nothing is.

const isAsciiLetter = (char: string): boolean => (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z');
const isUpper = (char: string): boolean => char >= 'A' && char <= 'Z';
const isDigit = (char: string): boolean => char >= '0' && char <= '9';

/** Component ids and the interface names of dependencies. */
export function kebabIdProblem(id: string): string | undefined {
  return wordsProblem(id, '-', '_');
}

export function snakeIdProblem(id: string): string | undefined {
  return wordsProblem(id, '_', '-');
}

/** Variable names, of the application and of components, in a manifest. */
export function lowerSnakeIdProblem(id: string): string | undefined {
  const problem = snakeIdProblem(id);
  if (problem !== undefined) {
    return problem;
  }
  return [...id].some(isUpper) ? `Lower-case identifiers must be all lowercase; got ${JSON.stringify(id)}` : undefined;
}

/** Labels of key-value stores and SQLite databases. */
export function storeLabelProblem(label: string): string | undefined {
  return kebabIdProblem(label) === undefined || snakeIdProblem(label) === undefined
    ? undefined
    : 'expected kebab-case or snake_case';
}

/** What a guest asks for at run time; digits may start a word here, unlike in a manifest. */
export function variableNameProblem(name: string): string | undefined {
  if (name === '') {
    return 'must not be empty';
  }
  for (const char of name) {
    if (!(char >= 'a' && char <= 'z') && !isDigit(char) && char !== '_') {
      return `invalid character '${char}'. Variable names may contain only lower-case letters, numbers, and underscores.`;
    }
  }
  if (name.startsWith('_') || isDigit(name.charAt(0))) {
    return 'must start with a lowercase ASCII letter';
  }
  if (name.endsWith('_')) {
    return 'must end with a lowercase ASCII letter or digit';
  }
  return name.includes('__') ? 'must not contain multiple consecutive underscores' : undefined;
}

function wordsProblem(id: string, separator: string, wrongSeparator: string): string | undefined {
  if (id === '') {
    return 'empty';
  }
  if (id.includes(wrongSeparator)) {
    return `words must be separated with '${separator}', not '${wrongSeparator}'`;
  }
  for (const word of id.split(separator)) {
    const problem = wordProblem(word);
    if (problem !== undefined) {
      return `'${separator}'-separated words ${problem}`;
    }
  }
  return undefined;
}

function wordProblem(word: string): string | undefined {
  const [first, ...rest] = word;
  if (first === undefined) {
    return 'must not be empty';
  }
  if (!isAsciiLetter(first)) {
    return `must start with an ASCII letter; got '${first}'`;
  }
  for (const char of rest) {
    if (isDigit(char)) {
      continue;
    }
    if (!isAsciiLetter(char)) {
      return `may only contain alphanumeric ASCII; got '${char}'`;
    }
    if (isUpper(char) !== isUpper(first)) {
      return `must be all lowercase or all UPPERCASE; got ${JSON.stringify(word)}`;
    }
  }
  return undefined;
}
