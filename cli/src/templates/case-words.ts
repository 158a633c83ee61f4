// Names in the spellings that files and languages want, as Spin's template filters make them: words end where something
// other than a letter or digit stands, where a small letter meets a capital, and before the last capital of several
// ("HTTPServer" is "HTTP", "Server").

export const kebabCase = (text: string): string => words(text).join('-').toLowerCase();

export const snakeCase = (text: string): string => words(text).join('_').toLowerCase();

export const pascalCase = (text: string): string => words(text).map(capitalised).join('');

export const dottedPascalCase = (text: string): string => text.split('.').map(pascalCase).join('.');

const words = (text: string): string[] =>
  text
    .split(/[^\p{L}\p{N}]+/u)
    .flatMap((part) => part.split(/(?<=\p{Ll}\p{N}*)(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u))
    .filter((word) => word !== '');

const capitalised = (word: string): string => {
  const [first = '', ...rest] = word;
  return first.toUpperCase() + rest.join('').toLowerCase();
};
