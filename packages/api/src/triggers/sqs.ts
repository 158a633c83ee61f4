// The configuration of one SQS trigger (spin-contract.md §6.4).
import type { DocumentNode } from '../document/document-node.ts';
import type { LockedTrigger } from '../locked-app/types.ts';
import { parseTrigger, requiredComponent, type TriggerReader } from './component-trigger.ts';

export interface SqsTrigger {
  readonly id: string;
  readonly component: string;
  readonly queueUrl: string;
  readonly maxMessages: number;
  readonly idleWaitSeconds: number;
  readonly systemAttributes: readonly string[];
  readonly messageAttributes: readonly string[];
}

/** What SQS gives at once at most (ReceiveMessage, MaxNumberOfMessages). */
const MOST_MESSAGES = 10;
const DEFAULT_IDLE_SECONDS = 2;
/** A day: nobody polls more seldom, and timers go no farther than 24. */
const MOST_IDLE_SECONDS = 86_400;

export const sqsTrigger: TriggerReader<SqsTrigger> = {
  fields: ['component', 'queue_url', 'max_messages', 'idle_wait_seconds', 'system_attributes', 'message_attributes'],
  read: (id, component, table) => ({
    id,
    component: requiredComponent(component, table),
    queueUrl: readUrl(table.required('queue_url')),
    maxMessages: table.get('max_messages')?.integer(1, MOST_MESSAGES) ?? MOST_MESSAGES,
    idleWaitSeconds: table.get('idle_wait_seconds')?.integer(0, MOST_IDLE_SECONDS) ?? DEFAULT_IDLE_SECONDS,
    systemAttributes: table.get('system_attributes')?.strings() ?? [],
    messageAttributes: table.get('message_attributes')?.strings() ?? [],
  }),
};

export const parseSqsTrigger = (trigger: LockedTrigger): SqsTrigger => parseTrigger(sqsTrigger, trigger);

function readUrl(node: DocumentNode): string {
  const text = node.string();
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol) || !/^\/.+/.test(url.pathname)) {
    throw node.contentError(`${JSON.stringify(text)} is no URL of a queue`, {
      remedy: 'Write it as AWS shows it: https://sqs.<region>.amazonaws.com/<account>/<queue>.',
    });
  }
  return text;
}
