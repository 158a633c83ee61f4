import { expect, it } from 'vitest';
import { spdx } from './sbom.ts';

it('names everything in the image once, each with an id that SPDX allows', () => {
  const document = spdx({
    name: 'registry.example/app:v1',
    digest: 'sha256:aa',
    version: 'v1',
    created: '1970-01-01T00:00:00Z',
    components: [
      { name: 'node', version: '26.0.0', license: 'MIT', purl: 'pkg:generic/node@26.0.0' },
      { name: '@a/b', version: '1.0.0', purl: 'pkg:npm/%40a/b@1.0.0' },
    ],
  }) as {
    readonly packages: readonly { readonly SPDXID: string; readonly licenseDeclared: string }[];
    readonly relationships: readonly { readonly relatedSpdxElement: string }[];
  };
  const ids = document.packages.map(({ SPDXID }) => SPDXID);
  expect(new Set(ids).size).toBe(3);
  expect(ids.every((id) => /^SPDXRef-[a-zA-Z0-9.-]+$/.test(id))).toBe(true);
  expect(document.relationships.map(({ relatedSpdxElement }) => relatedSpdxElement)).toEqual(ids);
  expect(document.packages.map(({ licenseDeclared }) => licenseDeclared)).toEqual(['Apache-2.0', 'MIT', 'NOASSERTION']);
});
