// What of a live object our field manager has applied: to change one field by server-side apply, all others that are ours have
// to be sent again, or they would go.
import type { KubeObject } from '@spindle/kube';
import { FIELD_MANAGER } from '../session.ts';

type Fields = Readonly<Record<string, unknown>>;

/** `{ metadata?, spec? }` as they stand now; empty when nothing is ours. */
export function appliedPart(live: KubeObject): Fields {
  const fields = live.metadata.managedFields?.find(
    ({ manager, operation, subresource }) => manager === FIELD_MANAGER && operation === 'Apply' && !subresource,
  )?.fieldsV1;
  const part = isRecord(fields) ? ownedPart(live, fields) : undefined;
  return isRecord(part) ? part : {};
}

/**
 * FieldsV1: `f:` is a field, `.` the thing itself, nothing below means all of it. Of lists with keys (`k:`, `v:`) the whole is
 * taken: what others have in them has then two owners and the same value.
 */
function ownedPart(value: unknown, fields: Fields): unknown {
  const below = Object.entries(fields).filter(([path]) => path !== '.');
  if (below.length === 0 || !isRecord(value) || below.some(([path]) => !path.startsWith('f:'))) {
    return value;
  }
  return Object.fromEntries(
    below.flatMap(([path, deeper]) => {
      const name = path.slice('f:'.length);
      return value[name] === undefined ? [] : [[name, ownedPart(value[name], isRecord(deeper) ? deeper : {})]];
    }),
  );
}

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
