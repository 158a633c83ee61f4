import { describe, expect, it } from 'vitest';
import { extendManifest, hasEntry } from './extend-manifest.ts';

const MANIFEST = `# The shop.
spin_manifest_version = 2

[application]
name = "shop" # its name

[variables] # of the app
colour = { default = "red" }   # kept

[[trigger.http]]
route = "/..."
component = "shop"

[component.shop]
source = "shop.wasm"
`;
const COMPONENT = '[[trigger.http]]\nroute = "/new"\ncomponent = "new"\n\n[component.new]\nsource = "new.wasm"\n';

const extend = (text: string, snippets: Parameters<typeof extendManifest>[1]): string =>
  extendManifest(text, snippets, 'spin.toml');

describe('a component added to a manifest', () => {
  it('stands at its end, and what was there stays to the last blank', () => {
    expect(extend(MANIFEST, { component: COMPONENT })).toBe(`${MANIFEST}\n${COMPONENT}`);
  });

  it('brings its variables below those that there are, unless they are known', () => {
    const variables = 'colour = { default = "blue" }\nsize = { required = true }\n';
    expect(extend(MANIFEST, { component: COMPONENT, variables })).toBe(
      `${MANIFEST.replace('[variables] # of the app\n', '[variables] # of the app\nsize = { required = true }\n')}\n${COMPONENT}`,
    );
  });

  it('makes the table of variables where there is none', () => {
    const bare = MANIFEST.replace(/\[variables\][^[]*/, '');
    expect(extend(bare, { variables: 'size = { required = true }' })).toBe(
      `${bare}\n[variables]\nsize = { required = true }\n`,
    );
  });

  it('keeps line ends as the file has them', () => {
    const windows = MANIFEST.replaceAll('\n', '\r\n');
    expect(extend(windows, { component: COMPONENT })).toBe(`${MANIFEST}\n${COMPONENT}`.replaceAll('\n', '\r\n'));
  });

  it.each([
    [
      'has the id of another',
      MANIFEST,
      { component: '[component.shop]\nsource = "x.wasm"' },
      /already defined|redefine|duplicate/i,
    ],
    ['is no TOML', MANIFEST, { component: '[component' }, /TOML parse error/],
    ['comes to a broken manifest', 'spin_manifest_version = 2\n[', { component: COMPONENT }, /TOML parse error/],
    [
      'comes to a manifest of version 1',
      'spin_manifest_version = "1"\nname = "old"\nversion = "1"\ntrigger = { type = "http" }\n',
      { component: COMPONENT },
      /it is of version 1/,
    ],
  ])('is refused when it %s', (_how, text, snippets, message) => {
    expect(() => extend(text, snippets)).toThrow(message);
  });
});

it.each([
  ['application', true],
  ['application.name', true],
  ['application.trigger.redis', false],
  ['component.shop.source', true],
  ['component.shop.source.deeper', false],
  ['component.other', false],
])('whether a manifest has %s: %s', (path, there) => {
  expect(hasEntry(MANIFEST, path, 'spin.toml')).toBe(there);
});
