/** One key of an address and its value, in the order in which they were written. */
export type Setting = readonly [key: string, value: string];
