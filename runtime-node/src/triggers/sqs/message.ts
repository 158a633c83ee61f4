// A message of SQS as the guest gets it (spin-contract.md §6.4). Pure.
import type { QueueMessage } from './queue.ts';

export interface WitMessage {
  readonly id: string | undefined;
  readonly messageAttributes: readonly WitAttribute[];
  readonly body: string | undefined;
}

interface WitAttribute {
  readonly name: string;
  readonly dataType: string | undefined;
  readonly value: { readonly tag: 'str'; readonly val: string } | { readonly tag: 'binary'; readonly val: Uint8Array };
}

/** Those of the system first; an attribute with no value is left out, as there. */
export function witMessage({ MessageId, Body, Attributes = {}, MessageAttributes = {} }: QueueMessage): WitMessage {
  return {
    id: MessageId,
    messageAttributes: [
      ...Object.entries(Attributes).map(([name, val]): WitAttribute => ({
        name,
        dataType: undefined,
        value: { tag: 'str', val: String(val) },
      })),
      ...Object.entries(MessageAttributes).flatMap(([name, { DataType, StringValue, BinaryValue }]): WitAttribute[] => {
        if (StringValue !== undefined) {
          return [{ name, dataType: DataType, value: { tag: 'str', val: StringValue } }];
        }
        return BinaryValue === undefined
          ? []
          : [{ name, dataType: DataType, value: { tag: 'binary', val: BinaryValue } }];
      }),
    ],
    body: Body,
  };
}
