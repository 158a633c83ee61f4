// Bounds on what a binary may ask for, so that a small file can cost neither much memory nor much time. Where
// wasm-tools has a bound for the same thing (wasmparser/src/limits.rs) it is the same one.

/** Bytes of one name (wasmparser MAX_WASM_STRING_SIZE). */
export const MAX_NAME_BYTES = 100_000;
/** Nesting of components, of types within types, of instances within instances (MAX_WASM_COMPONENT_TYPE_DEPTH). */
export const MAX_DEPTH = 100;
/** Core modules in one binary (MAX_WASM_MODULES); the largest known guest, Python with its libraries, has 14. */
export const MAX_MODULES = 1_000;
/** Component instances, and core instances, in one elaborated component (MAX_WASM_INSTANCES). */
export const MAX_INSTANCES = 1_000;
/** Entries of all vectors read from one binary (MAX_CORE_INDEX_SPACE_ITEMS); the Python guest has about 5,000. */
export const MAX_ENTRIES = 1_000_000;
/** Steps of elaboration, each at most a few dozen bytes of plan; the Python guest takes about 10,000. */
export const MAX_STEPS = 1_000_000;
/** Distinct value and function types in a plan. */
export const MAX_TYPES = 100_000;
/** Nodes of one type written out as a tree: what lifting it by hand would visit. */
export const MAX_TYPE_SIZE = 100_000;
/** Record fields, variant and enum cases, tuple elements (MAX_WASM_RECORD_FIELDS and its like). */
export const MAX_MEMBERS = 10_000;
/** Flags of one type: since 2024 the Component Model allows no more. */
export const MAX_FLAGS = 32;
/** Parameters of one function (MAX_WASM_FUNCTION_PARAMS). */
export const MAX_PARAMS = 1_000;
/** Canonical options of one definition (MAX_WASM_CANONICAL_OPTIONS). */
export const MAX_OPTIONS = 10;
