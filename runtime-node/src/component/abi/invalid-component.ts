// A plan that no valid component has. Linking turns it into the user's error, with the name of the component.

export class InvalidComponent extends Error {
  override readonly name = 'InvalidComponent';
}
