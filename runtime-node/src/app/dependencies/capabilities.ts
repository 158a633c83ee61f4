// Which interfaces of the host stand for which grant of a component, so that a dependency gets none that it does not
// inherit (spin-contract.md §1.6). A table: whoever adds an interface to the host that reads, keeps or reaches anything
// adds it here, or a dependency could use it ungranted.
import type { InheritableConfiguration, LockedDependency } from '@spindle/api';

/**
 * Names without version: a grant that is withheld is withheld in every version. Spin lists versions, and lets the
 * release candidates of 2023 pass.
 */
const INTERFACES: Readonly<Record<InheritableConfiguration, readonly string[]>> = {
  ai_models: ['fermyon:spin/llm'],
  allowed_outbound_hosts: [
    'fermyon:spin/http',
    'fermyon:spin/mqtt',
    'fermyon:spin/mysql',
    'fermyon:spin/postgres',
    'fermyon:spin/redis',
    'spin:mqtt/mqtt',
    'spin:mysql/mysql',
    'spin:postgres/postgres',
    'spin:redis/redis',
    'wasi:http/client',
    'wasi:http/outgoing-handler',
    'wasi:sockets/ip-name-lookup',
    'wasi:sockets/tcp',
    'wasi:sockets/tcp-create-socket',
    // Spin lets these pass, which have all of the sockets of 0.3.
    'wasi:sockets/types',
    'wasi:sockets/udp',
    'wasi:sockets/udp-create-socket',
  ],
  environment: ['wasi:cli/environment'],
  files: ['wasi:filesystem/preopens'],
  key_value_stores: [
    'fermyon:spin/key-value',
    'spin:key-value/key-value',
    'wasi:keyvalue/store',
    // Spin lets these two pass: without a bucket, which only the store gives, they do nothing.
    'wasi:keyvalue/atomics',
    'wasi:keyvalue/batch',
  ],
  sqlite_databases: ['fermyon:spin/sqlite', 'spin:sqlite/sqlite'],
  variables: ['fermyon:spin/config', 'fermyon:spin/variables', 'spin:variables/variables', 'wasi:config/store'],
};

/** Whether a dependency that inherits this much must not reach an interface that it imports. */
export function deniedImports(inherit: LockedDependency['inherit']): (importName: string) => boolean {
  if (inherit === 'All') {
    return () => false;
  }
  const granted: readonly string[] = inherit?.Some ?? [];
  const denied = new Set(
    Object.entries(INTERFACES).flatMap(([capability, names]) => (granted.includes(capability) ? [] : names)),
  );
  return (importName) => denied.has(unversioned(importName));
}

/** Whether some grant stands for the interface. */
export const isGranted = (interfaceName: string): boolean =>
  Object.values(INTERFACES).flat().includes(unversioned(interfaceName));

const unversioned = (name: string): string => name.split('@', 1)[0] ?? name;
