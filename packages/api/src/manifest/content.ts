// Where the bytes of a component come from: a path, a URL with its digest, or a package (spin-contract.md §1.3).
import type { DocumentNode, DocumentTable } from '../document/document-node.ts';
import { kebabIdProblem } from '../identifiers.ts';
import { parseVersion } from '../semver/version.ts';
import type { ComponentContent } from './types.ts';

const DIGEST = /^sha256:[0-9a-f]{64}$/i;

/** The `source` of a component. */
export function readSource(node: DocumentNode): ComponentContent {
  if (typeof node.value === 'string') {
    return { kind: 'local', path: node.value };
  }
  if (!node.isTable()) {
    throw node.schemaError('`source` must be a path, { url, digest } or { package, version, registry }');
  }
  const table = node.table();
  if (table.get('url') !== undefined) {
    table.refuseOthers(['url', 'digest']);
    return readHttpContent(table);
  }
  table.refuseOthers(['registry', 'package', 'version']);
  const version = table.required('version');
  if (parseVersion(version.string()) === undefined) {
    throw version.contentError(
      `the component's source has an invalid semantic version (${JSON.stringify(version.value)}) for its package version`,
      { remedy: 'Give the exact version, such as 1.2.3.' },
    );
  }
  return {
    kind: 'package',
    package: readPackageName(table.required('package')),
    version: version.string(),
    ...readRegistry(table),
  };
}

export function readHttpContent(table: DocumentTable): ComponentContent {
  const url = table.required('url').string();
  const node = table.required('digest');
  const digest = node.string();
  if (!digest.startsWith('sha256:')) {
    throw node.contentError(`invalid \`digest\` ${JSON.stringify(digest)}; must start with 'sha256:'`, {
      remedy: `Write the SHA-256 of the file behind ${url}: digest = "sha256:<64 hexadecimal digits>".`,
    });
  }
  if (!DIGEST.test(digest)) {
    throw node.contentError(
      `invalid \`digest\` ${JSON.stringify(digest)}; 'sha256:' must be followed by 64 hex digits`,
      {
        remedy: 'Copy the whole digest.',
      },
    );
  }
  return { kind: 'http', url, digest: digest.toLowerCase() };
}

export function readRegistry(table: DocumentTable): { registry?: string } {
  const registry = table.get('registry')?.string();
  return registry === undefined ? {} : { registry };
}

export function readPackageName(node: DocumentNode): string {
  const name = node.string();
  const problem = packageNameProblem(name);
  if (problem !== undefined) {
    throw node.schemaError(problem, { remedy: 'A package is named namespace:name, such as spin:static-files.' });
  }
  return name;
}

export function packageNameProblem(name: string): string | undefined {
  const parts = name.split(':');
  const reason =
    parts.length === 2 ? parts.map(kebabIdProblem).find((problem) => problem !== undefined) : 'expected namespace:name';
  return reason === undefined ? undefined : `invalid package name ${JSON.stringify(name)}: ${reason}`;
}
