// The public surface of the vocabulary: what every other package may use of it.
export { UserError, type ErrorCode, type ErrorPlace, type ErrorTable, type UserErrorOptions } from './errors.ts';
export type * from './locked-app/types.ts';
export type * from './variables/types.ts';
export type * from './manifest/types.ts';
export { INHERITABLE_CONFIGURATION } from './manifest/types.ts';
export { applyProfile } from './manifest/profile.ts';
export { dependencyContent } from './manifest/dependency-rules.ts';
export { parseDependencyName, type ParsedName } from './manifest/dependency-name.ts';
export { parseManifest, type ParsedManifest } from './manifest/parse.ts';
export { lockApp, type ComponentContents, type LockOptions } from './manifest/to-locked.ts';
export { parseLockedApp } from './locked-app/parse.ts';
export { selectComponents } from './locked-app/select-components.ts';
export { VariableError } from './variables/error.ts';
export { checkRequiredVariables, createVariableResolver, type VariableResolverOptions } from './variables/resolver.ts';
export {
  createEnvProvider,
  createStaticProvider,
  type EnvProviderOptions,
  type Environment,
} from './variables/providers.ts';
export { parseVariableArguments } from './variables/arguments.ts';
export { AllowedHosts, resolveAllowedHosts, type AllowedHostsContext } from './outbound-hosts/allowed-hosts.ts';
export {
  isForServiceChaining,
  parseAllowedHost,
  type AllowedHost,
  type Destination,
} from './outbound-hosts/allowed-host.ts';
export { networkContains, parseNetwork, type IpAddress, type Network } from './outbound-hosts/host.ts';
export { parseOutboundUrl } from './outbound-hosts/outbound-url.ts';
export { serviceChainingTarget } from './outbound-hosts/service-chaining.ts';
export {
  createRoutingTable,
  WELL_KNOWN_PREFIX,
  type DuplicateRoute,
  type RouteEntry,
  type RoutingTable,
} from './routes/routing-table.ts';
export type { Capture, Routed, RouteMatch, Router } from './routes/router.ts';
export type { RoutePattern } from './routes/route-pattern.ts';
export {
  checkHttpMetadata,
  parseHttpTrigger,
  type HttpExecutor,
  type HttpHandler,
  type HttpRoute,
  type HttpTrigger,
  type StaticResponse,
} from './triggers/http.ts';
export { exactVersion, highestAllowed, parseRequirement } from './semver/requirement.ts';
export { parseVersion } from './semver/version.ts';
export { parseCommandTrigger, type CommandTrigger } from './triggers/command.ts';
export { parseCronTrigger, type CronTrigger } from './triggers/cron.ts';
export { parseMqttGlobals, parseMqttTrigger, type MqttGlobals, type MqttTrigger } from './triggers/mqtt.ts';
export { parseRedisGlobals, parseRedisTrigger, type RedisTrigger } from './triggers/redis.ts';
export { parseSqsTrigger, type SqsTrigger } from './triggers/sqs.ts';
export { readJson } from './document/json-document.ts';
export { readToml } from './toml/toml-document.ts';
export {
  DocumentNode,
  type DocumentPath,
  type DocumentTable,
  type ErrorDetail,
  type SourceDocument,
} from './document/document-node.ts';
export {
  kebabIdProblem,
  lowerSnakeIdProblem,
  snakeIdProblem,
  storeLabelProblem,
  variableNameProblem,
} from './identifiers.ts';
export type * from './spin-app/types.ts';
export {
  API_GROUP,
  API_VERSION,
  APP_NAME_LABEL,
  DOCKER_CONFIG_JSON_KEY,
  DOCKER_CONFIG_KEY,
  RUNTIME_CONFIG_KEY,
  STATUS_READY,
  statusLabel,
  variableEnvironmentName,
} from './spin-app/names.ts';
export { readObjects, Written, type ObjectSet } from './spin-app/object-set.ts';
export { parseSpinApp } from './spin-app/parse-spin-app.ts';
export { parseConfigMap, parseSecret, secretValues } from './spin-app/parse-values.ts';
export { quantityValue } from './spin-app/quantity.ts';
export {
  DuplicateStore,
  OptionNotBoolean,
  runtimeConfigSecretName,
  runtimeConfigToml,
  type KeyLookup,
} from './spin-app/runtime-config.ts';
export { CUSTOM_RESOURCE_DEFINITIONS } from './custom-resources/definitions.ts';
export { EDITOR_SCHEMAS } from './custom-resources/editor-schema.ts';
