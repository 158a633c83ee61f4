// The locked app: the one document a runtime needs, written by the loader or read from an OCI artefact.
// Field names are those of the JSON (spin-contract.md §2.1).

export interface LockedApp {
  spin_lock_version: 0 | 1;
  must_understand?: MustUnderstand[];
  metadata?: LockedMetadata;
  host_requirements?: Record<string, unknown>;
  /** Application variables by name; one without a default is required. */
  variables?: Record<string, LockedVariable>;
  triggers: LockedTrigger[];
  components: LockedComponent[];
}

export type MustUnderstand = 'host_requirements' | 'component_host_requirements';

export interface LockedMetadata {
  name?: string;
  version?: string;
  description?: string;
  authors?: string[];
  /** `file://…/spin.toml` or `vnd.fermyon.origin-oci:<reference>`. */
  origin?: string;
  /** Trigger-global configuration by trigger type. */
  triggers?: Record<string, Record<string, unknown>>;
  /** The same with `type`, present when the app has exactly one trigger type. */
  trigger?: { type: string } & Record<string, unknown>;
  profile?: string;
  oci_image_digest?: string;
  [other: string]: unknown;
}

export interface LockedVariable {
  description?: string;
  default?: string;
  secret?: boolean;
}

export interface LockedTrigger {
  id: string;
  trigger_type: string;
  trigger_config: Record<string, unknown>;
  trigger_dependencies?: Record<string, unknown[]>;
}

export interface LockedComponent {
  id: string;
  metadata?: LockedComponentMetadata;
  source: ComponentSource;
  /** WASI environment, verbatim. */
  env?: Record<string, string>;
  /** Mounts: each `path` is the guest path of a file, or of a directory of the host. */
  files?: ContentPath[];
  /** Component variables: name to template. */
  config?: Record<string, string>;
  dependencies?: Record<string, LockedDependency>;
  trigger_dependencies?: Record<string, unknown[]>;
  host_requirements?: Record<string, unknown>;
}

export interface LockedComponentMetadata {
  description?: string;
  allowed_outbound_hosts?: string[];
  key_value_stores?: string[];
  /** The manifest's `sqlite_databases`. */
  databases?: string[];
  ai_models?: string[];
  build?: Record<string, unknown>;
  'resolve-trigger-dependencies-using'?: string;
  [other: string]: unknown;
}

/** Where content is: at least one of the three. `source` is a `file://` URL once the app is loaded. */
export interface ContentRef {
  source?: string;
  /** Base64 of the content itself. */
  inline?: string;
  /** `sha256:<64 hex digits>`. */
  digest?: string;
}

export interface ComponentSource extends ContentRef {
  content_type: string;
}

export interface ContentPath extends ContentRef {
  /** Path in the guest, without `..`; the root mount is `/`. */
  path: string;
}

export interface LockedDependency {
  source: ComponentSource;
  export: string | null;
  inherit?: 'All' | { Some: string[] };
}
