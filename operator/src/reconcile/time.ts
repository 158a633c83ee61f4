// Time as Kubernetes writes it.

/** metav1.Time has no parts of a second. */
export const rfc3339 = (date: Date): string => date.toISOString().replace(/\.\d+Z$/, 'Z');
