// What of a live object is ours, read back from its managed fields: the fields that our field manager has applied and that
// nobody has taken since. When they are what would be applied, applying would change nothing. So nothing has to be
// remembered: not over a restart of the operator, and not when it takes over from upstream's, whose field manager is the same.
import { hash } from 'node:crypto';
import type { KubeObject, ManagedFields } from '@spindle/kube';

/** Upstream's name: what it applied is then ours to change and to remove (control-plane contract, Appendix B.1). */
export const FIELD_MANAGER = 'spin-operator';

/** A value that Kubernetes may leave out of an object although somebody owns the field. */
const ZERO = '∅';

/** Of the fields of a live object that we have applied; undefined when there are none. */
export function appliedFingerprint(live: KubeObject): string | undefined {
  const fields = appliedFields(live);
  return fields === undefined ? undefined : fingerprint(ownedPart(live, fields));
}

/** Of what is to be applied: equal to that of the live object afterwards. */
export function intentFingerprint(intent: object): string {
  const { apiVersion: _, kind: __, metadata, ...rest } = intent as KubeObject;
  const { name: _name, namespace: _namespace, ...own } = metadata;
  return fingerprint({ metadata: own, ...(withServerForms(rest) as object) });
}

/** Whether we have applied the field at this path, e.g. `['spec', 'replicas']`, and nobody has taken it since. */
export function ownsField(live: KubeObject, path: readonly string[]): boolean {
  let fields: unknown = appliedFields(live);
  for (const name of path) {
    fields = isRecord(fields) ? fields[`f:${name}`] : undefined;
  }
  return fields !== undefined;
}

function appliedFields({ metadata }: KubeObject): unknown {
  return metadata.managedFields?.find(isOurs)?.fieldsV1;
}

const isOurs = ({ manager, operation, subresource }: ManagedFields): boolean =>
  manager === FIELD_MANAGER && operation === 'Apply' && !subresource;

/**
 * The part of a value that a tree of FieldsV1 names: `f:` a field, `k:` an element by its key fields, `v:` an element by its
 * value, `.` the thing itself, nothing below: all of it (structured-merge-diff's serialization).
 */
function ownedPart(value: unknown, fields: unknown): unknown {
  const entries = isRecord(fields) ? Object.entries(fields).filter(([path]) => path !== '.') : [];
  if (entries.length === 0) {
    return isRecord(fields) && '.' in fields ? ZERO : (value ?? ZERO);
  }
  if (Array.isArray(value) || entries.some(([path]) => !path.startsWith('f:'))) {
    return ownedElements(Array.isArray(value) ? value : [], entries);
  }
  const object = isRecord(value) ? value : {};
  return Object.fromEntries(entries.map(([path, below]) => [path.slice(2), ownedPart(object[path.slice(2)], below)]));
}

/** In the order of the live list, which is that of the applied one as long as nobody puts something between. */
function ownedElements(list: readonly unknown[], entries: readonly (readonly [string, unknown])[]): unknown[] {
  const found = entries.map(([path, below]) => {
    const key: unknown = JSON.parse(path.slice(2));
    const index = path.startsWith('i:')
      ? Number(key)
      : list.findIndex((element) => (path.startsWith('k:') ? hasKey(element, key) : same(element, key)));
    return { index, part: ownedPart(list[index], below) };
  });
  return found.toSorted((one, other) => one.index - other.index).map(({ part }) => part);
}

const hasKey = (element: unknown, key: unknown): boolean =>
  isRecord(element) && isRecord(key) && Object.entries(key).every(([name, value]) => same(element[name], value));

const same = (one: unknown, other: unknown): boolean =>
  one === other || (typeof other === 'object' && JSON.stringify(one) === JSON.stringify(other));

/** With the defaults that the API server writes into what is owned as a whole. */
function withServerForms(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) {
    return value.map((element: unknown) => withServerForms(element));
  }
  if (!isRecord(value)) {
    return value;
  }
  const inner = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withServerForms(part, key)]));
  switch (name) {
    case 'fieldRef':
      return { apiVersion: 'v1', ...inner };
    case 'resourceFieldRef':
      return { divisor: '0', ...inner };
    default:
      return inner;
  }
}

/** 64 bits: what differs by an edit does not collide by chance. */
const FINGERPRINT_CHARACTERS = 16;

const fingerprint = (value: unknown): string =>
  // A copy: a slice would keep all of what it is cut from.
  Buffer.from(hash('sha256', canonical(value)).slice(0, FINGERPRINT_CHARACTERS)).toString('latin1');

/** One text for whatever means the same; made in one go, since every event of a watch passes here. */
function canonical(value: unknown, field = ''): string {
  if (Array.isArray(value)) {
    return value.length === 0 ? ZERO : `[${value.map((element: unknown) => canonical(element)).join()}]`;
  }
  if (isRecord(value)) {
    const areAmounts = field === 'limits' || field === 'requests';
    const parts = Object.keys(value)
      .filter((name) => value[name] !== undefined)
      .toSorted()
      .map(
        (name) =>
          `${JSON.stringify(name)}:${areAmounts ? exactQuantity(String(value[name])) : canonical(value[name], name)}`,
      );
    return parts.length === 0 ? ZERO : `{${parts.join()}}`;
  }
  const isZero = value === ZERO || value === '' || value === false || value === 0 || value === null;
  return isZero ? ZERO : JSON.stringify(value);
}

const DECIMAL_EXPONENTS: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const BINARY_UNITS = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
/** Kubernetes keeps nothing smaller than 1n. */
const LEAST_EXPONENT = 9;

/** `0.5` and `500m` are one amount, which the API server writes in its own way: in billionths. Other texts are themselves. */
function exactQuantity(text: string): string {
  const match =
    /^(?<whole>[+-]?\d*)(?:\.(?<part>\d*))?(?:[eE](?<exponent>[+-]?\d{1,2})|(?<unit>[numkMGTPE]|[KMGTPE]i)?)$/.exec(
      text,
    );
  const { whole = '', part = '', exponent, unit = '' } = match?.groups ?? {};
  const shift = LEAST_EXPONENT - part.length + Number(exponent ?? DECIMAL_EXPONENTS[unit] ?? 0);
  if (match === null || shift < 0 || !/\d/.test(whole + part)) {
    return text;
  }
  const binary = 1024n ** BigInt(BINARY_UNITS.indexOf(unit) + 1);
  return String(BigInt(whole.replace('+', '') + part) * 10n ** BigInt(shift) * binary);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
