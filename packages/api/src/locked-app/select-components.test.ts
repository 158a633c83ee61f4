import { describe, expect, it } from 'vitest';
import { selectComponents } from './select-components.ts';
import type { LockedApp } from './types.ts';

const app = (hosts: Readonly<Record<string, readonly string[]>> = {}): LockedApp => ({
  spin_lock_version: 1,
  triggers: ['a', 'b', 'c'].map((id) => ({
    id: `t-${id}`,
    trigger_type: 'http',
    trigger_config: { component: id, route: `/${id}` },
  })),
  components: ['a', 'b', 'c'].map((id) => ({
    id,
    source: { content_type: 'application/wasm' },
    metadata: { allowed_outbound_hosts: [...(hosts[id] ?? [])] },
  })),
});

const left = ({ components, triggers }: LockedApp): unknown => [
  components.map(({ id }) => id),
  triggers.map(({ id }) => id),
];

describe('a part of an app', () => {
  it('is the components that were named, in the order of the app, with their triggers', () => {
    expect(left(selectComponents(app(), ['c', 'a', 'c']))).toEqual([
      ['a', 'c'],
      ['t-a', 't-c'],
    ]);
  });

  it('may call what is in it, and the world outside', () => {
    const hosts = { a: ['http://b.spin.internal', 'https://example.com', 'http://{{ other }}.spin.internal'] };
    expect(left(selectComponents(app(hosts), ['a', 'b']))).toEqual([
      ['a', 'b'],
      ['t-a', 't-b'],
    ]);
  });

  it.each([
    [
      ['http://b.spin.internal'],
      `Selected component 'a' cannot use service chaining to unselected component: allowed_outbound_hosts = ["http://b.spin.internal"]`,
    ],
    [
      ['https://example.com', 'http://*.spin.internal'],
      `Selected component 'a' cannot use wildcard service chaining: allowed_outbound_hosts = ["http://*.spin.internal"]`,
    ],
  ])('may not call what is not in it: %j', (hosts, message) => {
    expect(() => selectComponents(app({ a: hosts }), ['a', 'c'])).toThrow(message);
  });

  it('has no component that the app does not have', () => {
    expect(() => selectComponents(app(), ['a', 'x'])).toThrow('Specified component "x" not found in application');
  });
});
