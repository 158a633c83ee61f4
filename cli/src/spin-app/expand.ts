// `$(NAME)` in a value of a container's environment, as the kubelet replaces it: by variables that stand further up.

/** `$$` is one `$`; a name that is not known stays as it is written. */
export const expandReferences = (text: string, values: ReadonlyMap<string, string>): string =>
  text.replaceAll(/\$(?:\$|\((?<name>[^)]*)\))/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (values.get(name) ?? whole),
  );
