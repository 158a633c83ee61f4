// Checks the configuration of triggers whose type is known here; others are free (§1.5, §6). Spin does it when the
// trigger starts; found here, a fault has its line.
import type { DocumentNode } from '../document/document-node.ts';
import { readHttpTrigger, refuseHttpBase, refuseUnknownHttpFields } from '../triggers/http.ts';
import { readRedisTrigger, refuseUnknownRedisFields } from '../triggers/redis.ts';
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
  if (type === 'redis') {
    table.refuseOthers(['address'], isVersion1 ? ['type'] : []);
    table.get('address')?.string();
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

export function checkTrigger(trigger: NormalTrigger, context: TriggerContext): void {
  if (trigger.draft.type === 'http') {
    checkHttpTrigger(trigger, context.warn);
  } else if (trigger.draft.type === 'redis') {
    checkRedisTrigger(trigger, context.application);
  }
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

function checkRedisTrigger({ draft, id, component }: NormalTrigger, application: ApplicationDetails): void {
  refuseUnknownRedisFields(draft.fields, COMMON_FIELDS);
  const { address } = readRedisTrigger(id, component, draft.fields);
  if (address === undefined && application.trigger.get('redis')?.['address'] === undefined) {
    throw draft.node.contentError(`the Redis trigger ${id} has no address`, {
      remedy: 'Give it `address = "redis://…"`, or all of them one in [application.trigger.redis].',
    });
  }
}
