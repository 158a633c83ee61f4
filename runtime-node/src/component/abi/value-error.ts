// A value given by the host that is not of its WIT type: a defect of the host, not of the guest.

export class ValueError extends TypeError {
  override readonly name = 'ValueError';

  constructor(expected: string, value: unknown) {
    super(`expected ${expected}, got ${describe(value)}`);
  }
}

function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      // Long enough to recognise, short enough for one line of a log.
      return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
    case 'bigint':
      return `${value}n`;
    case 'object':
      return value === null ? 'null' : `an object of class ${value.constructor?.name ?? 'Object'}`;
    case 'function':
      return 'a function';
    default:
      return String(value);
  }
}
