// The file of --executors: executors that every namespace has, as a JSON object of specs by name. SpinKube has none such;
// whoever runs many namespaces asked for them.
import { readFile } from 'node:fs/promises';
import {
  readJson,
  UserError,
  type DocumentNode,
  type ExecutorDeploymentConfig,
  type OtelConfig,
  type SpinAppExecutorSpec,
} from '@spindle/api';
import { validateExecutor } from '../admission/validate-executor.ts';
import type { SharedExecutors } from '../plan/index.ts';

/** Empty when there is no file. */
export async function loadSharedExecutors(file: string): Promise<SharedExecutors> {
  if (file === '') {
    return new Map();
  }
  try {
    return readSharedExecutors(await readFile(file, 'utf8'), file);
  } catch (cause) {
    if (cause instanceof UserError) {
      throw cause;
    }
    throw new UserError(`the executors cannot be read: ${cause instanceof Error ? cause.message : cause}`, {
      code: 'SPK6004',
      file,
      remedy: 'Give --executors a file that the operator may read, or leave the flag out.',
      cause,
    });
  }
}

export function readSharedExecutors(text: string, file: string): SharedExecutors {
  const entries = readJson(text, file, 'SPK6004')
    .table()
    .entries()
    .map(([name, node]): [string, SpinAppExecutorSpec] => [name, readSpec(node)]);
  return new Map(entries);
}

function readSpec(node: DocumentNode): SpinAppExecutorSpec {
  const table = node.table(['createDeployment', 'deploymentConfig']);
  const config = table.get('deploymentConfig');
  const spec: SpinAppExecutorSpec = {
    createDeployment: table.required('createDeployment').boolean(),
    ...(config === undefined ? {} : { deploymentConfig: readConfig(config) }),
  };
  const [error] = validateExecutor(spec);
  if (error !== undefined) {
    throw node.schemaError(error.detail, { remedy: 'Write it as the spec of a SpinAppExecutor.' });
  }
  return spec;
}

function readConfig(node: DocumentNode): ExecutorDeploymentConfig {
  const table = node.table(['runtimeClassName', 'spinImage', 'node', 'caCertSecret', 'installDefaultCACerts', 'otel']);
  const image = table.get('node')?.table(['image']).get('image')?.string();
  return dropAbsent({
    runtimeClassName: table.get('runtimeClassName')?.string(),
    spinImage: table.get('spinImage')?.string(),
    node: table.get('node') === undefined ? undefined : dropAbsent({ image }),
    caCertSecret: table.get('caCertSecret')?.string(),
    installDefaultCACerts: table.get('installDefaultCACerts')?.boolean(),
    otel: readOtel(table.get('otel')),
  });
}

const OTEL_KEYS = [
  'exporter_otlp_endpoint',
  'exporter_otlp_traces_endpoint',
  'exporter_otlp_metrics_endpoint',
  'exporter_otlp_logs_endpoint',
] as const satisfies readonly (keyof OtelConfig)[];

function readOtel(node: DocumentNode | undefined): OtelConfig | undefined {
  const table = node?.table(OTEL_KEYS);
  return table === undefined
    ? undefined
    : dropAbsent(Object.fromEntries(OTEL_KEYS.map((key) => [key, table.get(key)?.string()])));
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

const dropAbsent = <T extends object>(value: T): Present<T> =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Present<T>;
