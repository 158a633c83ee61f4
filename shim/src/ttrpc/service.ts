// A service as its methods: what each takes and answers as protobuf messages, and what it does.
import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { EmptySchema } from '@bufbuild/protobuf/wkt';
import { RpcError } from './status.ts';

/** Of the caller and of what came with the call. */
export interface CallContext {
  /** Aborted when nobody waits for the answer any more: the caller has gone, or its time is over. */
  readonly signal: AbortSignal;
  readonly metadata: ReadonlyMap<string, string>;
}

export type Method = (payload: Uint8Array, context: CallContext) => Promise<Uint8Array>;

/** Name of a method to what it does. */
export type Service = ReadonlyMap<string, Method>;

export function unary<Input extends DescMessage, Output extends DescMessage>(
  input: Input,
  output: Output,
  answer: (request: MessageShape<Input>, context: CallContext) => Promise<MessageShape<Output>> | MessageShape<Output>,
): Method {
  return async (payload, context) => toBinary(output, await answer(read(input, payload), context));
}

/** Of a method that answers nothing. */
export const unaryEmpty = <Input extends DescMessage>(
  input: Input,
  act: (request: MessageShape<Input>, context: CallContext) => Promise<void> | void,
): Method =>
  unary(input, EmptySchema, async (request, context) => {
    await act(request, context);
    return create(EmptySchema);
  });

function read<Input extends DescMessage>(schema: Input, payload: Uint8Array): MessageShape<Input> {
  try {
    return fromBinary(schema, payload);
  } catch (cause) {
    throw new RpcError('invalidArgument', `the payload is no ${schema.typeName}: ${textOf(cause)}`, { cause });
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
