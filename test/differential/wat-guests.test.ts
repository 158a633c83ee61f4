// The small guests written by hand: nested components, resources between them, split memories, start functions.
import { expect, it } from 'vitest';
import { linkComponent, prepareComponent } from '../../runtime-node/src/component/index.ts';
import { fixture } from '../guests/fixtures.ts';
import { transpileGuest } from './jco-oracle.ts';

it.each<[string, string, unknown[]]>([
  ['nested', 'run', [14]],
  ['nested', 'run', [4_294_967_295]],
  ['resource', 'run', []],
  ['split', 'greet', ['w\u00f6rld']],
  ['split', 'greet', ['']],
  ['start', 'run', []],
])('the guest %s answers %s%j as with jco, in both modes', async (name, run, args) => {
  const component = await fixture(name);
  const linked = linkComponent(await prepareComponent(component), new Map());
  const jco = (await transpileGuest(component)).instantiate({}) as unknown as Record<
    string,
    (...a: unknown[]) => unknown
  >;
  const expected = jco[run]?.(...args);
  expect(expected).toBeDefined();
  expect(linked.instantiate({}, 'plain').call('', run, args)).toBe(expected);
  await expect(linked.instantiate({}, 'suspending').call('', run, args)).resolves.toBe(expected);
});

it('the guest start-trap cannot be instantiated, as with jco', async () => {
  const component = await fixture('start-trap');
  const jco = await transpileGuest(component);
  const linked = linkComponent(await prepareComponent(component), new Map());
  expect(() => jco.instantiate({})).toThrow(WebAssembly.RuntimeError);
  expect(() => linked.instantiate({}, 'plain')).toThrow(WebAssembly.RuntimeError);
  expect(() => linked.instantiate({}, 'suspending')).toThrow(WebAssembly.RuntimeError);
});
