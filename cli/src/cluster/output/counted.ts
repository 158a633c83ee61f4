// Numbers with their nouns.

/** `1 replica`, `2 replicas` */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
