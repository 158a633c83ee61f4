// Who owns which field of an object, and what follows for a write (server-side apply).
import { apiError, type FakeApiError } from './answers.ts';
import {
  difference,
  fromFieldsV1,
  intersection,
  isEmpty,
  pathsOf,
  toFieldsV1,
  union,
  type FieldSet,
  noFields,
} from './field-set.ts';
import { isSame, listAt, objectAt, textAt, without, type JsonObject } from './json.ts';
import type { Shape } from './shape.ts';
import { compare, fieldsOf, merged, objectOf, withoutFields } from './structured.ts';

export interface Writer {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
}

interface Owner extends Writer {
  readonly fields: FieldSet;
  readonly time: string;
}

const METADATA_NOT_OWNED = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
] as const;

/** Without what nobody owns. */
export function ownable(object: JsonObject): JsonObject {
  const metadata = without(objectAt(object['metadata']), ...METADATA_NOT_OWNED);
  return {
    ...without(object, 'apiVersion', 'kind', 'metadata'),
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
  };
}

const isSameWriter = (one: Writer, other: Writer): boolean =>
  one.manager === other.manager &&
  one.operation === other.operation &&
  one.apiVersion === other.apiVersion &&
  one.subresource === other.subresource;

export const ownersOf = (object: JsonObject | undefined): readonly Owner[] =>
  listAt(objectAt(object?.['metadata'])['managedFields'])
    .map(objectAt)
    .map((entry) => ({
      manager: textAt(entry['manager']),
      operation: entry['operation'] === 'Apply' ? 'Apply' : 'Update',
      apiVersion: textAt(entry['apiVersion']),
      subresource: textAt(entry['subresource']),
      time: textAt(entry['time']),
      fields: fromFieldsV1(entry['fieldsV1']),
    }));

const entryOf = ({ manager, operation, apiVersion, subresource, time, fields }: Owner): JsonObject => ({
  manager,
  operation,
  apiVersion,
  time,
  fieldsType: 'FieldsV1',
  fieldsV1: toFieldsV1(fields),
  ...(subresource === '' ? {} : { subresource }),
});

const withOwners = (object: JsonObject, owners: readonly Owner[]): JsonObject => ({
  ...object,
  metadata: {
    ...objectAt(object['metadata']),
    managedFields: owners.filter(({ fields }) => !isEmpty(fields)).map(entryOf),
  },
});

export interface Write {
  readonly live: JsonObject | undefined;
  readonly writer: Writer;
  readonly shape: Shape;
  /** RFC 3339, in seconds. */
  readonly time: string;
}

/** After a write that is no apply: what it has changed is its writer's, whoever owned it. */
export function ownedByUpdate(object: JsonObject, { live, writer, shape, time }: Write): JsonObject {
  const { set, removed } = compare(live === undefined ? {} : ownable(live), ownable(object), shape);
  const touched = union(set, removed);
  const owners = ownersOf(live);
  const own = owners.find((owner) => isSameWriter(owner, writer));
  const fields = union(difference(own?.fields ?? noFields, removed), set);
  const others = owners
    .filter((owner) => owner !== own)
    .map((owner) => ({ ...owner, fields: difference(owner.fields, touched) }));
  if (isEmpty(touched) && own !== undefined) {
    return withOwners(object, owners);
  }
  return withOwners(object, [...others, { ...writer, fields, time }]);
}

/** The object with a configuration applied to it. Throws the conflict when others own what it changes and force is not given. */
export function applied(config: JsonObject, write: Write & { readonly force: boolean }): JsonObject {
  const { live, writer, shape, time, force } = write;
  const claimed = fieldsOf(ownable(config), shape);
  const owners = ownersOf(live);
  const own = owners.find((owner) => isSameWriter(owner, writer));
  const others = owners.filter((owner) => owner !== own);
  const laidOver = objectOf(merged(live ?? {}, config, shape));
  // An item goes as a whole when nobody claims the item itself, whatever others own in it: so does the API server.
  const abandoned = difference(own?.fields ?? noFields, union(claimed, ...others.map(({ fields }) => fields)));
  const result = objectOf(withoutFields(laidOver, abandoned, shape));
  const { set, removed } = compare(live === undefined ? {} : ownable(live), ownable(result), shape);
  const conflicts = others.map((owner) => ({ owner, fields: intersection(owner.fields, set) }));
  if (!force && conflicts.some(({ fields }) => !isEmpty(fields))) {
    throw conflictError(conflicts.filter(({ fields }) => !isEmpty(fields)));
  }
  const left = others.map((owner) => ({ ...owner, fields: difference(owner.fields, union(set, removed)) }));
  const isUnchanged = own !== undefined && isEmpty(set) && isEmpty(removed) && isSame(own.fields, claimed);
  return withOwners(result, [...left, { ...writer, fields: claimed, time: isUnchanged ? own.time : time }]);
}

function conflictError(conflicts: readonly { readonly owner: Owner; readonly fields: FieldSet }[]): FakeApiError {
  const causes = conflicts.flatMap(({ owner, fields }) =>
    pathsOf(fields).map((field) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with "${owner.manager}"${owner.subresource === '' ? '' : ` with subresource "${owner.subresource}"`}${
        owner.operation === 'Update' ? ` using ${owner.apiVersion}` : ''
      }`,
      field,
    })),
  );
  const whom =
    causes.length === 1 ? `1 conflict: ${causes[0]?.message}: ${causes[0]?.field}` : `${causes.length} conflicts`;
  return apiError(409, 'Conflict', `Apply failed with ${whom}`, { causes });
}
