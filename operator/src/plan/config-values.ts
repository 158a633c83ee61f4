// What of the objects that an app refers to is missing, and the hash of what its pods read at their start.
import { createHash } from 'node:crypto';
import type { PlanInputs } from './inputs.ts';
import type { Problem } from './problem.ts';
import type { Reference } from './references.ts';

/** Upstream stops without a word at a missing object, and takes '' for a missing key: the value stays, the user is told. */
export function missingReferences(
  references: readonly Reference[],
  values: PlanInputs['values'],
): { readonly problems: readonly Problem[]; readonly hints: readonly Problem[] } {
  const problems: Problem[] = [];
  const hints: Problem[] = [];
  for (const reference of references) {
    const object = values(reference.kind, reference.name);
    if (object === undefined && reference.use === 'option') {
      problems.push(missing(reference, 'object'));
    } else if (object?.[reference.key] === undefined && !reference.optional) {
      hints.push(missing(reference, object === undefined ? 'object' : 'key'));
    }
  }
  return { problems, hints };
}

function missing({ kind, name, key, field }: Reference, what: 'object' | 'key'): Problem {
  return {
    reason: `${kind}NotFound`,
    field,
    message:
      what === 'object'
        ? `there is no ${kind} "${name}" in the namespace. Create it; the app then starts by itself.`
        : `${kind} "${name}" has no key "${key}". Add it; the app then gets it by itself.`,
    kind: 'wait',
  };
}

/** Undefined when pods read nothing that others can change. Contents go into the hash only. */
export function configHash(references: readonly Reference[], values: PlanInputs['values']): string | undefined {
  const read = references.filter(({ use }) => use === 'pod');
  if (read.length === 0) {
    return undefined;
  }
  const lines = read
    .map(({ kind, name, key }) => JSON.stringify([kind, name, key, values(kind, name)?.[key] ?? null]))
    .toSorted();
  return createHash('sha256')
    .update([...new Set(lines)].join('\n'))
    .digest('hex')
    .slice(0, HASH_CHARACTERS);
}

/** 64 bits: two contents of one app that meet by chance are not to be expected. */
const HASH_CHARACTERS = 16;
