// What a file of manifests holds that an app can run by: its SpinApps, and the Secrets and ConfigMaps they may name.
import type { DocumentNode, DocumentPath } from '../document/document-node.ts';
import type { UserError } from '../errors.ts';
import { API_GROUP, API_VERSION, FORMER_API_GROUP } from './names.ts';
import { parseSpinApp } from './parse-spin-app.ts';
import { parseConfigMap, parseSecret } from './parse-values.ts';
import type { ConfigMap, ObjectMeta, Secret, SpinApp } from './types.ts';

/** An object, and where it was written. */
export class Written<T extends { readonly kind: string; readonly metadata: ObjectMeta }> {
  readonly object: T;
  readonly #node: DocumentNode;

  constructor(object: T, node: DocumentNode) {
    this.object = object;
    this.#node = node;
  }

  get name(): string {
    return this.object.metadata.name;
  }

  /** As kubectl applies it. */
  get namespace(): string {
    return this.object.metadata.namespace || 'default';
  }

  /** `path` is that of a field in the object. */
  error(message: string, path: DocumentPath, remedy: string, cause?: unknown): UserError {
    const { document, path: base } = this.#node;
    return document.contentError(message, [...base, ...path], { remedy, ...(cause === undefined ? {} : { cause }) });
  }
}

export interface ObjectSet {
  readonly apps: readonly Written<SpinApp>[];
  readonly secrets: readonly Written<Secret>[];
  readonly configMaps: readonly Written<ConfigMap>[];
  /** `HorizontalPodAutoscaler/hello`: nothing that an app runs by. */
  readonly others: readonly string[];
}

/** Kinds of the API group `core` that stand beside apps. Anything else there is more likely a typing error. */
const OTHER_CORE_KINDS = [
  'Namespace',
  'Service',
  'ServiceAccount',
  'PersistentVolumeClaim',
  'PersistentVolume',
  'LimitRange',
  'ResourceQuota',
  'Pod',
];
const LIST_KINDS = ['List', 'SpinAppList', 'SpinAppExecutorList', 'SecretList', 'ConfigMapList'];

/** `documents` are those of one file; one without content is passed over. */
export function readObjects(documents: readonly DocumentNode[]): ObjectSet {
  const set = { apps: [], secrets: [], configMaps: [], others: [] };
  for (const document of documents) {
    if (document.value !== null && document.value !== undefined) {
      addObject(document, set);
    }
  }
  return set;
}

interface Draft {
  readonly apps: Written<SpinApp>[];
  readonly secrets: Written<Secret>[];
  readonly configMaps: Written<ConfigMap>[];
  readonly others: string[];
}

function addObject(node: DocumentNode, draft: Draft): void {
  const table = node.table();
  const versionNode = table.required('apiVersion');
  const kindNode = table.required('kind');
  const [version, kind] = [versionNode.string(), kindNode.string()];
  if (LIST_KINDS.includes(kind) && (version === 'v1' || version === API_VERSION)) {
    for (const item of table.get('items')?.list() ?? []) {
      addObject(item, draft);
    }
    return;
  }
  const known = KNOWN.find((one) => one.kind === kind);
  if (known !== undefined) {
    if (version !== known.version) {
      throw versionNode.contentError(`a ${kind} of apiVersion ${JSON.stringify(version)} is not known`, {
        remedy: version.startsWith(`${FORMER_API_GROUP}/`)
          ? `Write apiVersion: ${known.version}; the former group has the same fields.`
          : `Write apiVersion: ${known.version}.`,
      });
    }
    known.add(node, draft);
    return;
  }
  const group = version.includes('/') ? version.slice(0, version.indexOf('/')) : '';
  const isSuspect = group === '' ? !OTHER_CORE_KINDS.includes(kind) : [API_GROUP, FORMER_API_GROUP].includes(group);
  if (isSuspect) {
    throw kindNode.contentError(`unknown kind ${JSON.stringify(kind)} of apiVersion ${version}`, {
      remedy: `Known kinds are ${KNOWN.map((one) => one.kind).join(', ')} and List; correct the spelling.`,
    });
  }
  draft.others.push(`${kind}/${table.get('metadata')?.table().get('name')?.string() ?? ''}`);
}

interface KnownKind {
  readonly kind: string;
  readonly version: string;
  readonly add: (node: DocumentNode, draft: Draft) => void;
}

const KNOWN: readonly KnownKind[] = [
  {
    kind: 'SpinApp',
    version: API_VERSION,
    add: (node, { apps }) => addOnce(apps, new Written(parseSpinApp(node), node)),
  },
  {
    kind: 'Secret',
    version: 'v1',
    add: (node, { secrets }) => addOnce(secrets, new Written(parseSecret(node), node)),
  },
  {
    kind: 'ConfigMap',
    version: 'v1',
    add: (node, { configMaps }) => addOnce(configMaps, new Written(parseConfigMap(node), node)),
  },
  {
    // How a cluster runs apps is nothing that one process could follow.
    kind: 'SpinAppExecutor',
    version: API_VERSION,
    add: (node, { others }) =>
      void others.push(`SpinAppExecutor/${node.table().required('metadata').table().required('name').string()}`),
  },
];

/** Applied one after the other, the second would take the place of the first: nobody means that. */
function addOnce<T extends { readonly kind: string; readonly metadata: ObjectMeta }>(
  list: Written<T>[],
  one: Written<T>,
): void {
  if (list.some(({ name, namespace }) => name === one.name && namespace === one.namespace)) {
    throw one.error(
      `a second ${one.object.kind} ${JSON.stringify(one.name)}`,
      ['metadata', 'name'],
      'Keep one of the two.',
    );
  }
  list.push(one);
}
