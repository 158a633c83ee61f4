import { describe, expect, it } from 'vitest';

import { parseManifest } from './parse.ts';
import type { AppManifest } from './types.ts';

const parse = (rest: string): AppManifest =>
  parseManifest(`spin_manifest_version = 2\napplication.name = "app"\n${rest}`, 'spin.toml').manifest;

const HELLO = '[component.hello]\nsource = "hello.wasm"\n';

describe('the id of a trigger', () => {
  it('is made of component and type, or counted where that is taken', () => {
    const { triggers } = parse(`${HELLO}
      [[trigger.queue]]
      component = "hello"
      [[trigger.queue]]
      component = "hello"
      [[trigger.queue]]
      component = "hello"
      id = "queue-trigger1"
      [[trigger.queue]]
      [[trigger.queue]]
      id = ""
      component = { source = "x.wasm" }
      [[trigger.alarm]]
      component = "hello"`);
    expect(triggers.map(({ id }) => id)).toEqual([
      'hello-queue-trigger',
      'queue-trigger2',
      'queue-trigger1',
      'queue-trigger3',
      'queue-trigger4',
      'hello-alarm-trigger',
    ]);
  });

  it('does not take one that a later trigger has written', () => {
    const { triggers } = parse(`${HELLO}
      [[trigger.queue]]
      component = "hello"
      [[trigger.queue]]
      id = "hello-queue-trigger"
      component = "hello"`);
    expect(triggers.map(({ id }) => id)).toEqual(['queue-trigger1', 'hello-queue-trigger']);
  });
});

describe('an inline component', () => {
  it('is named after its trigger', () => {
    const { triggers, components } = parse(`[[trigger.http]]\nroute = "/"\ncomponent = { source = "x.wasm" }`);
    expect(triggers[0]).toMatchObject({
      id: 'http-trigger1',
      component: 'http-trigger1-component',
      config: { route: '/' },
    });
    expect(components.get('http-trigger1-component')).toMatchObject({
      id: 'http-trigger1-component',
      source: { kind: 'local', path: 'x.wasm' },
    });
  });

  it('is counted when its trigger has several, or a name that cannot be', () => {
    const { triggers, components } = parse(`${HELLO}
      [component.inline-component1]
      source = "taken.wasm"
      [[trigger.queue]]
      component = { source = "a.wasm" }
      components.one = "hello"
      components.many = [{ source = "b.wasm" }, "hello"]
      [[trigger.queue]]
      id = "Odd_id"
      component = { source = "c.wasm" }`);
    expect(triggers[0]?.component).toBe('inline-component2');
    expect(triggers[0]?.components).toEqual(
      new Map([
        ['many', ['inline-component3', 'hello']],
        ['one', ['hello']],
      ]),
    );
    expect(triggers[1]?.component).toBe('inline-component4');
    expect([...components.keys()]).toEqual([
      'hello',
      'inline-component1',
      'inline-component2',
      'inline-component3',
      'inline-component4',
    ]);
  });
});
