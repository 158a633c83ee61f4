// Merge patch (RFC 7396) and JSON patch (RFC 6902).
import { apiError, badRequest } from './answers.ts';
import { isObject, isSame, listAt, objectAt, textAt } from './json.ts';

export function mergePatched(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) {
    return patch;
  }
  const result = new Map(Object.entries(objectAt(target)));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) {
      result.delete(name);
    } else {
      result.set(name, mergePatched(result.get(name), value));
    }
  }
  return Object.fromEntries(result);
}

export function jsonPatched(target: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) {
    throw badRequest('a JSON patch is a list of operations');
  }
  return operations.reduce<unknown>((value, operation) => operate(value, objectAt(operation)), target);
}

const cannot = (why: string): Error =>
  apiError(422, 'Invalid', `the server rejected our request due to an error in our request: ${why}`);

function operate(target: unknown, operation: Readonly<Record<string, unknown>>): unknown {
  const path = pointer(operation['path']);
  const { value } = operation;
  switch (operation['op']) {
    case 'add':
      return edited(target, path, (parent, at) => inserted(parent, at, value), value);
    case 'replace':
      found(target, path);
      return edited(target, path, (parent, at) => replaced(parent, at, value), value);
    case 'remove':
      found(target, path);
      return edited(target, path, removed, null);
    case 'test':
      if (!isSame(found(target, path), value)) {
        throw cannot(`test of ${textAt(operation['path'])} failed`);
      }
      return target;
    case 'copy':
    case 'move': {
      const from = pointer(operation['from']);
      const moved = found(target, from);
      const rest = operation['op'] === 'move' ? edited(target, from, removed, null) : target;
      return edited(rest, path, (parent, at) => inserted(parent, at, moved), moved);
    }
    default:
      throw cannot(`no operation ${String(operation['op'])}`);
  }
}

const pointer = (path: unknown): readonly string[] =>
  textAt(path)
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

function found(target: unknown, path: readonly string[]): unknown {
  const value = path.reduce((at: unknown, part) => childOf(at, part), target);
  if (value === undefined) {
    throw cannot(`nothing at /${path.join('/')}`);
  }
  return value;
}

const childOf = (value: unknown, part: string): unknown =>
  Array.isArray(value) ? value[Number(part)] : objectAt(value)[part];

function edited(
  target: unknown,
  [part, ...rest]: readonly string[],
  edit: (parent: unknown, at: string) => unknown,
  whole: unknown,
): unknown {
  if (part === undefined) {
    return whole;
  }
  if (rest.length === 0) {
    return edit(target, part);
  }
  return replaced(target, part, edited(found(target, [part]), rest, edit, whole));
}

function replaced(parent: unknown, at: string, value: unknown): unknown {
  return Array.isArray(parent) ? parent.with(Number(at), value) : { ...objectAt(parent), [at]: value };
}

function inserted(parent: unknown, at: string, value: unknown): unknown {
  if (!Array.isArray(parent)) {
    return { ...objectAt(parent), [at]: value };
  }
  const index = at === '-' ? parent.length : Number(at);
  if (!Number.isInteger(index) || index < 0 || index > parent.length) {
    throw cannot(`no place ${at} in a list of ${parent.length}`);
  }
  return listAt(parent).toSpliced(index, 0, value);
}

const removed = (parent: unknown, at: string): unknown =>
  Array.isArray(parent)
    ? parent.toSpliced(Number(at), 1)
    : Object.fromEntries(Object.entries(objectAt(parent)).filter(([name]) => name !== at));
