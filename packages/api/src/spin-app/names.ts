// The names that the control plane writes and reads, those of SpinKube (control-plane contract §1.5). Nothing here may
// change: a running cluster has objects with these names.

export const API_GROUP = 'core.spinkube.dev';
export const API_VERSION = `${API_GROUP}/v1alpha1`;

/** The group of operators up to 0.3, whose objects nothing converts. */
export const FORMER_API_GROUP = 'core.spinoperator.dev';

/** Label of everything that is made for an app; its value is the app's name. */
export const APP_NAME_LABEL = `${API_GROUP}/app-name`;

/** Label of pods that a Service sends requests to; its value is `ready`. */
export const statusLabel = (app: string): string => `${API_GROUP}/app.${app}.status`;
export const STATUS_READY = 'ready';

/** Key of a Secret that holds a runtime configuration, and the file that it is mounted as. */
export const RUNTIME_CONFIG_KEY = 'runtime-config.toml';

/** Keys of the Secrets that hold logins of registries, by their type. */
export const DOCKER_CONFIG_JSON_KEY = '.dockerconfigjson';
export const DOCKER_CONFIG_KEY = '.dockercfg';

/** What the runtime configuration names as the prefix of the environment's variables. */
export const VARIABLE_PREFIX = 'SPIN_VARIABLE_';

/** In which environment variable a container gets an application variable. */
export const variableEnvironmentName = (variable: string): string => `${VARIABLE_PREFIX}${variable.toUpperCase()}`;
