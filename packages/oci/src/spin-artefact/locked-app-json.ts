// The locked app as Spin writes it: compact, fields in the order of its structures, free maps sorted, so that the
// same app has the same digest whoever pushes it (spin-contract.md §2.1, crates/locked-app/src/locked.rs).
import type { LockedApp } from '@spindle/api';
import { isRecord } from '../json.ts';
import { byCodePoints } from '../order.ts';

const APP = [
  'spin_lock_version',
  'must_understand',
  'metadata',
  'host_requirements',
  'variables',
  'triggers',
  'components',
] as const;
const VARIABLE = ['description', 'default', 'secret'] as const;
const TRIGGER = ['id', 'trigger_type', 'trigger_config', 'trigger_dependencies'] as const;
const CONTENT = ['content_type', 'source', 'inline', 'digest', 'path'] as const;
const DEPENDENCY = ['source', 'export', 'inherit'] as const;
const COMPONENT = [
  'id',
  'metadata',
  'source',
  'env',
  'files',
  'config',
  'dependencies',
  'trigger_dependencies',
  'host_requirements',
] as const;

export function lockedAppJson(locked: LockedApp): Buffer {
  const ordered = inOrder(locked, APP, {
    variables: each((variable) => inOrder(variable, VARIABLE)),
    triggers: list((trigger) => inOrder(trigger, TRIGGER)),
    components: list((component) =>
      inOrder(component, COMPONENT, {
        source: content,
        files: list(content),
        dependencies: each(dependency),
        trigger_dependencies: each(list(dependency)),
      }),
    ),
  });
  return Buffer.from(JSON.stringify(ordered));
}

type Render = (value: unknown) => unknown;

const content: Render = (value) => inOrder(value, CONTENT);
const dependency: Render = (value) => inOrder(value, DEPENDENCY, { source: content });

const list =
  (render: Render): Render =>
  (value) =>
    Array.isArray(value) ? value.map(render) : value;

const each =
  (render: Render): Render =>
  (value) =>
    isRecord(value) ? sortedEntries(value, render) : value;

/** Known fields in their order, then unknown ones sorted; values without a rule of their own are sorted throughout. */
function inOrder(value: unknown, order: readonly string[], rules: Readonly<Record<string, Render>> = {}): unknown {
  if (!isRecord(value)) {
    return sorted(value);
  }
  const others = Object.keys(value).filter((key) => !order.includes(key));
  const keys = [...order.filter((key) => value[key] !== undefined), ...others.toSorted(byCodePoints)];
  // A field may be named `toString`: only own rules count.
  const ruleOf = (key: string): Render => (Object.hasOwn(rules, key) ? rules[key] : undefined) ?? sorted;
  return Object.fromEntries(keys.map((key) => [key, ruleOf(key)(value[key])]));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  return isRecord(value) ? sortedEntries(value, sorted) : value;
}

const sortedEntries = (value: Record<string, unknown>, render: Render): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => byCodePoints(a, b))
      .map(([key, item]) => [key, render(item)]),
  );
