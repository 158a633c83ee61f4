// Names of applications and components, as Spin checks them before they become file names and TOML keys.

/** Why a name cannot be used; undefined when it can. */
export function nameProblem(name: string): string | undefined {
  const wrong = name.split(/[^\p{L}\p{N}]/u).filter((part) => !/^\p{L}/u.test(part));
  if (wrong.length === 0) {
    return undefined;
  }
  const quoted = wrong.map((part) => `'${part}'`).join(', ');
  const verb = wrong.length === 1 ? 'does' : 'do';
  return `Each segment of the name must start with a letter. ${quoted} ${verb} not start with a letter`;
}

/** The folder that a name gets when none is given. */
export const folderName = (name: string): string => name.replaceAll(/[^-_.a-zA-Z0-9]/g, '_');
