// Names of applications and components, checked before they become file names and ids. Spin lets any letter pass here and
// fails on the manifest that it then writes: an id has letters of ASCII only.

/** Why a name cannot be used; undefined when it can. */
export function nameProblem(name: string): string | undefined {
  const foreign = [...new Set(name.match(/[^\p{ASCII}]/gu) ?? [])];
  if (foreign.length > 0) {
    return `Ids are made of the letters a to z, digits and hyphens; they cannot have ${quotedList(foreign)}`;
  }
  const parts = name.split(/[^a-zA-Z0-9]/);
  const wrong = parts.filter((part) => part !== '' && !/^[a-zA-Z]/.test(part));
  if (wrong.length > 0) {
    const verb = wrong.length === 1 ? 'does' : 'do';
    return `Each segment of the name must start with a letter. ${quotedList(wrong)} ${verb} not start with a letter`;
  }
  return parts.includes('')
    ? 'Each segment of the name must start with a letter. It begins or ends with a separator, or two follow each other'
    : undefined;
}

const quotedList = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(', ');

/** The folder that a name gets when none is given. */
export const folderName = (name: string): string => name.replaceAll(/[^-_.a-zA-Z0-9]/g, '_');
