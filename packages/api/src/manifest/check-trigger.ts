// Checks the configuration of triggers whose type is known here; others are free (§1.5, §6). Spin does it when the
// trigger starts; found here, a fault has its line.
import type { DocumentNode } from '../document/document-node.ts';
import { readHttpTrigger, refuseHttpBase, refuseUnknownHttpFields } from '../triggers/http.ts';
import { commandTrigger } from '../triggers/command.ts';
import type { TriggerReader } from '../triggers/component-trigger.ts';
import { cronTrigger } from '../triggers/cron.ts';
import { mqttTrigger, readMqttGlobals } from '../triggers/mqtt.ts';
import { readRedisGlobals, redisTrigger } from '../triggers/redis.ts';
import { sqsTrigger } from '../triggers/sqs.ts';
import type { NormalTrigger } from './normalize.ts';
import { COMMON_FIELDS } from './trigger-draft.ts';
import type { ApplicationDetails } from './types.ts';

const ROLE_OF_HTTP = 'middleware';
const STATUS_CODES = { first: 100, last: 999 }; // what HTTP can carry (RFC 9110 §15)

export interface GlobalsContext {
  readonly warn: (warning: string) => void;
  /** There the table also holds the trigger's `type`. */
  readonly isVersion1: boolean;
}

/** `[application.trigger.<type>]`, or `trigger` of a version 1 manifest. */
export function checkTriggerGlobals(type: string, node: DocumentNode, { warn, isVersion1 }: GlobalsContext): void {
  const table = node.table();
  const silent = isVersion1 ? ['type'] : [];
  if (type === 'redis') {
    readRedisGlobals(node, silent);
  }
  if (type === 'mqtt') {
    readMqttGlobals(node, silent);
  }
  if (WITHOUT_GLOBALS.includes(type)) {
    table.refuseOthers([], silent);
  }
  if (type === 'http') {
    refuseHttpBase(table);
  }
  if (type === 'http' && !isVersion1 && table.get('base') !== undefined) {
    warn("The trigger 'base' field is deprecated and has no effect: remove `base` from [application.trigger.http].");
  }
}

export interface TriggerContext {
  readonly warn: (warning: string) => void;
  readonly application: ApplicationDetails;
}

/** Those that call one component each and have nothing else to agree with. */
const PLAIN_TRIGGERS: Readonly<Record<string, TriggerReader<unknown>>> = {
  cron: cronTrigger,
  sqs: sqsTrigger,
  command: commandTrigger,
};

const WITHOUT_GLOBALS = Object.keys(PLAIN_TRIGGERS);

export function checkTrigger(trigger: NormalTrigger, context: TriggerContext): void {
  const { type } = trigger.draft;
  if (type === 'http') {
    checkHttpTrigger(trigger, context.warn);
  } else if (type === 'redis') {
    checkRedisTrigger(trigger, context.application);
  } else if (type === 'mqtt') {
    checkMqttTrigger(trigger, context.application);
  } else {
    const reader = Object.hasOwn(PLAIN_TRIGGERS, type) ? PLAIN_TRIGGERS[type] : undefined;
    if (reader !== undefined) {
      readOwn(reader, trigger);
    }
  }
}

function readOwn<Config>(reader: TriggerReader<Config>, { draft, id, component }: NormalTrigger): Config {
  draft.fields.refuseOthers(reader.fields, COMMON_FIELDS);
  return reader.read(id, component, draft.fields);
}

function checkHttpTrigger({ draft, id, component }: NormalTrigger, warn: (warning: string) => void): void {
  refuseUnknownHttpFields(draft.fields, COMMON_FIELDS);
  const { handler } = readHttpTrigger(id, component, draft.fields);
  for (const role of draft.dependencies.keys()) {
    if (role !== ROLE_OF_HTTP) {
      throw draft.node.document.contentError(
        `the HTTP trigger's only allowed trigger dependency is \`${ROLE_OF_HTTP}\``,
        [...draft.node.path, 'dependencies', role],
        { blame: 'key', remedy: `Rename \`${role}\` to \`${ROLE_OF_HTTP}\`, or remove it.` },
      );
    }
  }
  const { first, last } = STATUS_CODES;
  if (handler.kind === 'static' && (handler.response.statusCode < first || handler.response.statusCode > last)) {
    warn(
      `The static response of ${id} has status ${handler.response.statusCode}, which is not an HTTP status: requests will get 500.`,
    );
  }
}

function checkRedisTrigger(trigger: NormalTrigger, application: ApplicationDetails): void {
  const { draft, id } = trigger;
  const { address } = readOwn(redisTrigger, trigger);
  if (address === undefined && application.trigger.get('redis')?.['address'] === undefined) {
    throw draft.node.contentError(`the Redis trigger ${id} has no address`, {
      remedy: 'Give it `address = "redis://…"`, or all of them one in [application.trigger.redis].',
    });
  }
}

function checkMqttTrigger(trigger: NormalTrigger, application: ApplicationDetails): void {
  readOwn(mqttTrigger, trigger);
  if (application.trigger.get('mqtt') === undefined) {
    throw trigger.draft.node.contentError(`the MQTT trigger ${trigger.id} has no broker`, {
      remedy:
        'Add [application.trigger.mqtt] with `address`, `username`, `password` and `keep_alive_interval`, all strings.',
    });
  }
}
