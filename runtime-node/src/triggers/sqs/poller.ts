// Takes messages from one queue as long as the app runs: a guest for each, all at once, each held from others meanwhile, and
// deleted when the guest says so; whatever else happens leaves it to come again (spin-contract.md §6.4).
import { setTimeout as delay } from 'node:timers/promises';
import type { SqsTrigger } from '@spindle/api';
import { keepConnected } from '../keep-connected.ts';
import type { MessageCalls, MessageHandler } from '../message-calls.ts';
import { witMessage } from './message.ts';
import type { Queue, QueueMessage } from './queue.ts';

/** What a queue has that does not tell: SQS's own default. */
const DEFAULT_VISIBILITY_SECONDS = 30;

/** Messages at once; with more in hand the queue is left alone, so that guests that are slow cost no memory without end. */
const MOST_IN_HAND = 100;

/** How long acknowledgements of messages that are done with may take at a stop. */
const LAST_WORDS_MS = 5000;

export class Poller {
  readonly #queue: Queue;
  readonly #trigger: SqsTrigger;
  readonly #handler: MessageHandler;
  readonly #messages: MessageCalls;
  readonly #onError: (message: string, error: unknown) => void;
  readonly #stopping = new AbortController();
  readonly #inHand = new Set<Promise<void>>();
  readonly #polling: Promise<void>;

  constructor(
    queue: Queue,
    trigger: SqsTrigger,
    effects: {
      readonly handler: MessageHandler;
      readonly messages: MessageCalls;
      readonly onError: (message: string, error: unknown) => void;
    },
  ) {
    this.#queue = queue;
    this.#trigger = trigger;
    this.#handler = effects.handler;
    this.#messages = effects.messages;
    this.#onError = effects.onError;
    const { signal } = this.#stopping;
    this.#polling = keepConnected(() => this.#poll(signal), {
      signal,
      address: trigger.queueUrl,
      onError: this.#onError,
    });
  }

  stopTaking(): void {
    this.#stopping.abort();
  }

  /** Once all calls have ended. */
  async close(): Promise<void> {
    await this.#polling;
    await Promise.race([Promise.all(this.#inHand), delay(LAST_WORDS_MS, undefined, { ref: false })]);
    this.#queue.close();
  }

  async #poll(signal: AbortSignal): Promise<never> {
    const visibility = await this.#visibility(signal);
    for (;;) {
      while (this.#inHand.size >= MOST_IN_HAND) {
        await Promise.race(this.#inHand);
      }
      const messages = await this.#queue.receive(signal);
      signal.throwIfAborted();
      for (const message of messages) {
        const handling = this.#handle(message, visibility).finally(() => this.#inHand.delete(handling));
        this.#inHand.add(handling);
      }
      if (messages.length === 0) {
        await delay(this.#trigger.idleWaitSeconds * 1000, undefined, { signal });
      }
    }
  }

  async #visibility(signal: AbortSignal): Promise<number> {
    try {
      return (await this.#queue.visibilityTimeout(signal)) ?? DEFAULT_VISIBILITY_SECONDS;
    } catch (error) {
      // expected: who may receive may not be allowed to ask for this
      signal.throwIfAborted();
      this.#onError(`Queue ${this.#trigger.queueUrl} does not tell its visibility timeout`, error);
      return DEFAULT_VISIBILITY_SECONDS;
    }
  }

  async #handle(message: QueueMessage, visibility: number): Promise<void> {
    const receipt = message.ReceiptHandle;
    const told = (what: string) => (error: unknown) =>
      this.#onError(`Message ${message.MessageId ?? ''} of ${this.#trigger.queueUrl} could not be ${what}`, error);
    const hold = setInterval(
      () => receipt !== undefined && void this.#queue.hold(receipt, visibility).catch(told('held')),
      Math.max(visibility * 500, 1000),
    );
    try {
      const outcome = await this.#messages.call(this.#handler, [witMessage(message)], {
        patient: true,
        name: `${this.#trigger.queueUrl.split('/').at(-1)} receive`,
        attributes: { 'messaging.system': 'aws_sqs', 'messaging.operation': 'receive' },
      });
      if (outcome.tag === 'handled' && outcome.val === 'delete' && receipt !== undefined) {
        await this.#queue.delete(receipt).catch(told('deleted'));
      }
    } finally {
      clearInterval(hold);
    }
  }
}
