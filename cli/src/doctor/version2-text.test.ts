import { parseManifest } from '@spindle/api';
import { expect, it } from 'vitest';
import { version2Text } from './version2-text.ts';

const OLD = `spin_manifest_version = "1"
name = "old"
version = "1.2.3"
description = "It is \\"old\\""
authors = ["Somebody <a@example.com>"]
trigger = { type = "redis", address = "redis://localhost" }

[variables]
greeting = { default = "Hello" }
token = { required = true, secret = true }

[[component]]
id = "first"
source = "first.wasm"
files = ["a.txt", { source = "assets", destination = "/" }]
exclude_files = ["b"]
environment = { "ODD KEY" = "1" }
key_value_stores = ["default"]
allowed_outbound_hosts = []
[component.config]
greeting = "{{ greeting }}"
[component.trigger]
channel = "news"
[component.build]
command = "make"
workdir = "first"
watch = ["*.c"]

[[component]]
id = "second"
source = { url = "https://example.com/x.wasm", digest = "sha256:${'0'.repeat(64)}" }
[component.trigger]
channel = "other"
`;

it('a manifest of version 1 means the same when it is written anew', () => {
  const { manifest: before } = parseManifest(OLD, 'old.toml');
  const text = version2Text(before);
  const { manifest: after, warnings } = parseManifest(text, 'new.toml');
  expect(warnings).toEqual([]);
  // Ids of triggers are made up by other rules, and nothing refers to them.
  const comparable = (manifest: typeof before): unknown => ({
    ...manifest,
    writtenVersion: 2,
    triggers: manifest.triggers.map(({ id: _id, ...trigger }) => trigger),
  });
  expect(comparable(after)).toEqual(comparable(before));
});
