// What the SQS trigger asks of AWS, and nothing else of the SDK. Credentials and region come from where AWS's own tools find
// them; a region that nobody has set is that of the queue.
import type { Message } from '@aws-sdk/client-sqs';
import type { SqsTrigger } from '@spindle/api';

export type QueueMessage = Message;

export interface Queue {
  /** In seconds; undefined when the queue does not tell. */
  visibilityTimeout(signal: AbortSignal): Promise<number | undefined>;
  receive(signal: AbortSignal): Promise<readonly QueueMessage[]>;
  delete(receipt: string): Promise<void>;
  /** Nobody else gets the message for so many seconds more. */
  hold(receipt: string, seconds: number): Promise<void>;
  close(): void;
}

/** A queue that waits for messages by itself does so for 20 s at most. */
const REQUEST_MS = 30_000;
const CONNECT_MS = 10_000;

export async function openQueue(
  { queueUrl, maxMessages, systemAttributes, messageAttributes }: SqsTrigger,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Queue> {
  // Loaded only by apps with such a trigger: it takes a tenth of a second.
  const sqs = await import('@aws-sdk/client-sqs');
  const region = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || regionOf(queueUrl);
  const client = new sqs.SQSClient({
    ...(region === undefined ? {} : { region }),
    requestHandler: { requestTimeout: REQUEST_MS, connectionTimeout: CONNECT_MS, throwOnRequestTimeout: true },
  });
  const QueueUrl = queueUrl;
  return {
    visibilityTimeout: async (abortSignal) => {
      const { Attributes } = await client.send(
        new sqs.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['VisibilityTimeout'] }),
        { abortSignal },
      );
      return Number(Attributes?.['VisibilityTimeout']) || undefined;
    },
    receive: async (abortSignal) => {
      const { Messages = [] } = await client.send(
        new sqs.ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: maxMessages,
          // Whatever name the manifest has: AWS says which it knows.
          MessageSystemAttributeNames: systemAttributes as [],
          MessageAttributeNames: [...messageAttributes],
        }),
        { abortSignal },
      );
      return Messages;
    },
    delete: async (ReceiptHandle) => {
      await client.send(new sqs.DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    },
    hold: async (ReceiptHandle, VisibilityTimeout) => {
      await client.send(new sqs.ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
    },
    close: () => client.destroy(),
  };
}

/** `https://sqs.eu-west-1.amazonaws.com/…`, and `https://eu-west-1.queue.amazonaws.com/…` of old. */
export function regionOf(queueUrl: string): string | undefined {
  const host = URL.parse(queueUrl)?.hostname ?? '';
  return (
    /^sqs(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com|api\.aws)/.exec(host)?.[1] ??
    /^([a-z0-9-]+)\.queue\.amazonaws\.com/.exec(host)?.[1]
  );
}
