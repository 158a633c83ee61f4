// The CustomResourceDefinitions: there, established, and of this release.
import { API_GROUP } from '@spindle/api';
import { call, type Session } from '../session.ts';
import { failed, note, ok, type Finding } from './finding.ts';
import { DEFINITIONS, type Definition } from './resources.ts';

const CHECK = 'definitions';
const INSTALL = 'Install Spindle\'s chart, or "kubectl apply --server-side -f crds".';

/** Fields that SpinKube's definition and those of older releases have not. */
const NEWEST_FIELDS = ['suspend'];

export async function checkDefinitions(session: Session): Promise<Finding[]> {
  const found = await Promise.all(
    ['spinapps', 'spinappexecutors'].map(async (plural) => {
      const name = `${plural}.${API_GROUP}`;
      return [name, await session.client.find(DEFINITIONS, { name }, call(session))] as const;
    }),
  );
  return definitionFindings(found);
}

export function definitionFindings(found: readonly (readonly [string, Definition | undefined])[]): Finding[] {
  const problems = found.flatMap(([name, definition]) => problemOf(name, definition));
  return problems.length > 0 ? problems : [ok(CHECK, found.map(([name]) => name).join(', '))];
}

function problemOf(name: string, definition: Definition | undefined): Finding[] {
  if (definition === undefined) {
    return [failed(CHECK, `there is no ${name}`, INSTALL)];
  }
  if (definition.metadata.deletionTimestamp !== undefined) {
    return [
      failed(
        CHECK,
        `${name} is being deleted, and all its objects with it`,
        'Wait until it has gone, then install it again.',
      ),
    ];
  }
  const holds = (type: string): boolean =>
    definition.status?.conditions?.some((one) => one.type === type && one.status === 'True') === true;
  if (!holds('Established')) {
    return [failed(CHECK, `${name} is not established`, `"kubectl describe crd ${name}" says why.`)];
  }
  const version = definition.spec?.versions?.find((one) => one.name === 'v1alpha1' && one.served === true);
  if (version === undefined) {
    return [failed(CHECK, `${name} does not serve v1alpha1`, INSTALL)];
  }
  if (!name.startsWith('spinapps.')) {
    return [];
  }
  const fields = Object.keys(version.schema?.openAPIV3Schema?.properties?.['spec']?.properties ?? {});
  const missing = [
    ...NEWEST_FIELDS.filter((field) => !fields.includes(field)).map((field) => `spec.${field}`),
    ...(version.subresources?.scale === undefined ? ['the scale subresource'] : []),
  ];
  return missing.length === 0
    ? []
    : [note(CHECK, `${name} lacks ${missing.join(' and ')}: it is SpinKube's, or of an older Spindle`, INSTALL)];
}
