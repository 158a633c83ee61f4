// What an image is made of, as SPDX 2.3 in JSON: Node, Debian's packages, and the npm packages in the bundle.
import { hash } from 'node:crypto';

export interface Component {
  readonly name: string;
  readonly version: string;
  /** SPDX expression; absent when nobody has said it. */
  readonly license?: string;
  /** https://github.com/package-url/purl-spec */
  readonly purl: string;
}

export interface SbomInputs {
  /** Of the image: name and digest. */
  readonly name: string;
  readonly digest: string;
  readonly version: string;
  readonly created: string;
  readonly components: readonly Component[];
}

const NONE = 'NOASSERTION';

export function spdx({ name, digest, version, created, components }: SbomInputs): object {
  const image = {
    SPDXID: 'SPDXRef-Image',
    name,
    versionInfo: version,
    downloadLocation: NONE,
    filesAnalyzed: false,
    licenseConcluded: NONE,
    licenseDeclared: 'Apache-2.0',
    copyrightText: NONE,
    primaryPackagePurpose: 'CONTAINER',
    checksums: [{ algorithm: 'SHA256', checksumValue: digest.replace('sha256:', '') }],
  };
  const packages = components.map((component) => ({
    SPDXID: `SPDXRef-${hash('sha256', component.purl).slice(0, 16)}`,
    name: component.name,
    versionInfo: component.version,
    downloadLocation: NONE,
    filesAnalyzed: false,
    licenseConcluded: NONE,
    licenseDeclared: component.license ?? NONE,
    copyrightText: NONE,
    externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: component.purl }],
  }));
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name,
    documentNamespace: `https://spdx.org/spdxdocs/${name.replaceAll(/[^\w.-]+/g, '-')}-${digest.replace('sha256:', '')}`,
    creationInfo: { created, creators: ['Tool: spindle-hack-images'] },
    packages: [image, ...packages],
    relationships: [
      { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: image.SPDXID },
      ...packages.map(({ SPDXID }) => ({
        spdxElementId: image.SPDXID,
        relationshipType: 'CONTAINS',
        relatedSpdxElement: SPDXID,
      })),
    ],
  };
}
