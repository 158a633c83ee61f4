// How a WIT name is spelt as a key of a JavaScript object.

/** `content-length` -> `contentLength`; an acronym word loses its capitals: `get-URL` -> `getUrl`. */
export function camelCase(name: string): string {
  return name
    .split('-')
    .map((word, position) => {
      const lower = word.toLowerCase();
      return position === 0 ? lower : lower.charAt(0).toUpperCase() + lower.slice(1);
    })
    .join('');
}
