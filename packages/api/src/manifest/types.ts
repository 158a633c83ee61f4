// The application manifest (spin.toml) after reading: version 1 converted, trigger ids and inline components filled
// in, every field checked. What the loader and the build command work on (spin-contract.md §1.3–1.7).

/** Free-form TOML inside the manifest: trigger configuration and tool tables. Dates are already text. */
export type TomlValue = string | number | boolean | readonly TomlValue[] | TomlTable;
export interface TomlTable {
  readonly [key: string]: TomlValue;
}

export interface AppManifest {
  /** The version that the document was written in. */
  readonly writtenVersion: 1 | 2;
  readonly application: ApplicationDetails;
  readonly variables: ReadonlyMap<string, VariableManifest>;
  /** In the order of the document, type by type. */
  readonly triggers: readonly TriggerManifest[];
  /** By component id, in the order of the document; inline components come last. */
  readonly components: ReadonlyMap<string, ComponentManifest>;
  /** Name of the profile that was applied. */
  readonly profile?: string;
}

export interface ApplicationDetails {
  readonly name: string;
  /** Empty when not given. */
  readonly version: string;
  readonly description: string;
  readonly authors: readonly string[];
  /** Where the app should be able to run; looked at when building, never at run time. */
  readonly targets: readonly TargetRef[];
  /** Trigger-global configuration by trigger type. */
  readonly trigger: ReadonlyMap<string, TomlTable>;
  readonly tool: ReadonlyMap<string, TomlTable>;
}

export type TargetRef =
  | { readonly kind: 'catalogue'; readonly name: string }
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'local'; readonly path: string };

export interface VariableManifest {
  readonly description?: string;
  /** Absent: the variable is required. */
  readonly default?: string;
  readonly secret: boolean;
}

export interface TriggerManifest {
  /** As written or made up, unique in the app. */
  readonly id: string;
  readonly type: string;
  /** The component's id; an inline component has got one. */
  readonly component?: string;
  /** Component ids by role. */
  readonly components: ReadonlyMap<string, readonly string[]>;
  /** Trigger dependencies by role, e.g. `middleware`. */
  readonly dependencies: ReadonlyMap<string, readonly TriggerDependency[]>;
  /** Every other field, as written. */
  readonly config: TomlTable;
}

/** A component that a trigger puts round its own, such as HTTP middleware. */
export interface TriggerDependency {
  readonly from: DependencySource;
  readonly inherit: Inheritance;
}

export interface ComponentManifest {
  readonly id: string;
  readonly source: ComponentContent;
  /** Empty when not given. */
  readonly description: string;
  /** Component variables: name to template. */
  readonly variables: ReadonlyMap<string, string>;
  /** WASI environment, verbatim. */
  readonly environment: ReadonlyMap<string, string>;
  readonly files: readonly FilesEntry[];
  /** Glob patterns on the path relative to the manifest's directory. */
  readonly excludeFiles: readonly string[];
  /** The deprecated `allowed_http_hosts` are converted and appended. */
  readonly allowedOutboundHosts: readonly string[];
  readonly keyValueStores: readonly string[];
  readonly sqliteDatabases: readonly string[];
  readonly aiModels: readonly string[];
  /** Overrides the application's list. */
  readonly targets?: readonly TargetRef[];
  readonly build?: BuildManifest;
  readonly tool: ReadonlyMap<string, TomlTable>;
  /** By the dependency's name as written. */
  readonly dependencies: ReadonlyMap<string, DependencyManifest>;
  readonly profiles: ReadonlyMap<string, ComponentProfile>;
}

/** Where the bytes of a component come from. */
export type ComponentContent =
  | { readonly kind: 'local'; /** Relative to the manifest's directory. */ readonly path: string }
  | { readonly kind: 'http'; readonly url: string; /** `sha256:<64 hex digits>`. */ readonly digest: string }
  | {
      readonly kind: 'package';
      /** `namespace:name`. */
      readonly package: string;
      /** Exact version of a component's source; a semver requirement for a dependency. */
      readonly version: string;
      readonly registry?: string;
    };

export type FilesEntry =
  /** A file, a directory (all below it) or a glob pattern; the guest path is the same relative path. */
  | { readonly kind: 'pattern'; readonly pattern: string }
  /** A directory or file put at a guest path. */
  | { readonly kind: 'placement'; readonly source: string; readonly destination: string };

export interface BuildManifest {
  /** Run one after the other. */
  readonly command: string | readonly string[];
  readonly workdir?: string;
  readonly watch: readonly string[];
}

export const INHERITABLE_CONFIGURATION = [
  'ai_models',
  'allowed_outbound_hosts',
  'environment',
  'files',
  'key_value_stores',
  'sqlite_databases',
  'variables',
] as const;
export type InheritableConfiguration = (typeof INHERITABLE_CONFIGURATION)[number];

/** What a dependency may use of its component's own grants; nothing when not said. */
export type Inheritance = 'all' | readonly InheritableConfiguration[];

/** Content of its own, or that of another component of the app. */
export type DependencySource = ComponentContent | { readonly kind: 'component'; readonly component: string };

export interface DependencyManifest {
  readonly name: DependencyName;
  readonly from: DependencySource;
  /** Name of the dependency's export that satisfies the import. */
  readonly export?: string;
  readonly inherit: Inheritance;
}

export type DependencyName =
  | { readonly kind: 'plain'; readonly text: string }
  | {
      readonly kind: 'package';
      readonly text: string;
      /** `namespace:name`. */
      readonly package: string;
      readonly interface?: string;
      readonly version?: string;
    };

/** Overrides of one build profile. */
export interface ComponentProfile {
  readonly source?: ComponentContent;
  readonly environment: ReadonlyMap<string, string>;
  readonly dependencies: ReadonlyMap<string, DependencyManifest>;
  readonly buildCommand?: string | readonly string[];
}
