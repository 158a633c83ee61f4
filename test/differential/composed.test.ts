// Values that pass from guest to guest: a chain of two roundtrip components, each with a string encoding of its own,
// inside one component. What goes in must reach the host and come back.
import { parse, print } from '@bytecodealliance/jco';
import { assert, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkComponent, plain, prepareComponent, waiting } from '../../runtime-node/src/component/index.ts';
import { fixture } from '../guests/fixtures.ts';
import { valuesOf } from './arbitrary-values.ts';

const ECHO = 'test:types/echo';
const RUNS = { numRuns: 25 };

async function compose(outer: string, inner: string): Promise<Uint8Array> {
  const [outerText, innerText] = [await print(await fixture(outer)), await print(await fixture(inner))];
  // The import stands first, after its type: the composed component imports the same.
  const imported = innerText.slice('(component\n'.length, innerText.indexOf('(core module'));
  const instance = /\(import "test:types\/echo" \(instance (\$\S+)/.exec(imported)?.[1];
  return parse(`(component
    ${imported}
    (component $inner ${innerText.slice('(component'.length)}
    (component $outer ${outerText.slice('(component'.length)}
    (instance $below (instantiate $inner (with "${ECHO}" (instance ${instance}))))
    (alias export $below "${ECHO}" (instance $middle))
    (instance $above (instantiate $outer (with "${ECHO}" (instance $middle))))
    (alias export $above "${ECHO}" (instance $top))
    (export "${ECHO}" (instance $top)))`);
}

const hostOf = (functions: object) => new Map([[ECHO, { functions: functions as never, resources: {} }]]);

describe.each([
  ['roundtrip', 'roundtrip'],
  ['roundtrip-utf16', 'roundtrip'],
  ['roundtrip', 'roundtrip-latin1'],
  ['roundtrip-latin1', 'roundtrip-utf16'],
])('%s over %s', async (outer, inner) => {
  const prepared = await prepareComponent(await compose(outer, inner));
  const { plan } = prepared;
  const seen: unknown[] = [];
  const take = (args: unknown[]): unknown => {
    seen.push(args);
    return args.length > 1 ? args : args[0];
  };
  const names = plan.imports.map(({ name }) => name);

  it('has every function twice, once between the guests', () => {
    const lowered = plan.trampolines.filter((trampoline) => trampoline.kind === 'lower');
    expect(lowered.filter(({ target }) => target.from === 'import')).toHaveLength(names.length);
    expect(lowered.filter(({ target }) => target.from === 'lift')).toHaveLength(names.length);
  });

  it.each(plan.imports.map((imported) => [imported.name, imported.type] as const))('passes any %s', (name, type) => {
    const echo = plain((_guest: unknown, ...args: unknown[]) => take(args));
    const linked = linkComponent(prepared, hostOf(Object.fromEntries(names.map((key) => [key, echo]))));
    const instance = linked.instantiate({}, 'plain');
    const params = plan.funcTypes[type]?.params ?? [];
    assert(
      property(tuple(...params.map((param) => valuesOf(plan, param.type))), (args) => {
        expect(instance.call(ECHO, name, args)).toEqual(args.length > 1 ? args : args[0]);
        expect(seen.pop()).toEqual(args);
      }),
      RUNS,
    );
  });

  it('passes strings also when the host has to be waited for', async () => {
    const echo = waiting(async (_guest: unknown, ...args: unknown[]) => take(args));
    const linked = linkComponent(prepared, hostOf(Object.fromEntries(names.map((key) => [key, echo]))));
    const instance = linked.instantiate({}, 'suspending');
    for (const text of ['', 'ascii', 'grün', '漢字 𝄞', 'x'.repeat(70_000)]) {
      await expect(instance.call(ECHO, 'string', [text])).resolves.toBe(text);
    }
    await expect(instance.call(ECHO, 'list-string', [['a', 'ü', '漢']])).resolves.toEqual(['a', 'ü', '漢']);
  });
});
