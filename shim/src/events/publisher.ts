// Tells containerd what happens to tasks, in the order it happens. While containerd is away (it restarts) events are kept; after
// too long, or when too many wait, the oldest go: whoever comes back asks for the state anyway.
import { create, type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { AnySchema, EmptySchema, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ForwardRequest, ForwardRequestSchema } from '../generated/envelope_pb.ts';
import { createTtrpcClient, type TtrpcClient } from '../ttrpc/index.ts';

export interface EventPublisher {
  publish<Event extends DescMessage>(topic: string, schema: Event, event: MessageShape<Event>): void;
  /** Settles when all that was published has arrived, or was given up. */
  flushed(): Promise<void>;
  close(): void;
}

export interface PublisherOptions {
  /** containerd's socket for events. */
  readonly path: string;
  readonly namespace: string;
  readonly now: () => Date;
  readonly onLost: (topic: string, error: unknown) => void;
}

const FORWARD = {
  service: 'containerd.services.events.ttrpc.v1.Events',
  name: 'Forward',
  input: ForwardRequestSchema,
  output: EmptySchema,
} as const;

/** As containerd's own shims wait for one answer. */
const TIMEOUT_MS = 5_000;
/** A restart of containerd takes seconds; a minute is an update. */
const ATTEMPTS = 60;
const AGAIN_MS = 1_000;
/** As containerd's own shims keep. */
const MAX_WAITING = 2_048;

export function createEventPublisher({ path, namespace, now, onLost }: PublisherOptions): EventPublisher {
  const client: TtrpcClient = createTtrpcClient(path);
  const waiting: { topic: string; request: ForwardRequest }[] = [];
  let sending: Promise<void> | undefined;
  let isClosed = false;

  async function send(topic: string, request: ForwardRequest): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await client.call(FORWARD, request, TIMEOUT_MS);
        return;
      } catch (error) {
        // expected: containerd is away; in the end it is told to whoever reads the log.
        if (attempt === ATTEMPTS || isClosed) {
          return onLost(topic, error);
        }
        await sleep(AGAIN_MS);
      }
    }
  }

  async function sendAll(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await send(next.topic, next.request);
    }
    sending = undefined;
  }

  return {
    publish(topic, schema, event) {
      const any = create(AnySchema, { typeUrl: schema.typeName, value: toBinary(schema, event) });
      const timestamp = timestampFromDate(now());
      waiting.push({
        topic,
        request: create(ForwardRequestSchema, { envelope: { timestamp, namespace, topic, event: any } }),
      });
      if (waiting.length > MAX_WAITING) {
        onLost(waiting.shift()?.topic ?? '', new Error(`more than ${MAX_WAITING} events wait`));
      }
      sending ??= sendAll();
    },
    flushed: async () => {
      await sending;
    },
    close() {
      isClosed = true;
      client.close();
    },
  };
}
