// A stand-in for one queue of Amazon SQS, of which there is no Debian package: the JSON protocol as AWS documents it
// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/), with visibility timeouts, receipts that go stale,
// and its errors. What it does not know it refuses.
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Stored {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, object>>;
  receipt: string;
  visibleAt: number;
  receives: number;
}

class SqsError extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

type Input = Readonly<Record<string, unknown>>;

export class SqsServer implements AsyncDisposable {
  /** Actions that were asked for, in order. */
  readonly asked: string[] = [];
  readonly #messages = new Map<string, Stored>();
  readonly #visibilitySeconds: number;
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  /** In place of answers, if set. */
  misbehave: ((response: ServerResponse) => void) | undefined;

  constructor(visibilitySeconds = 30) {
    this.#visibilitySeconds = visibilitySeconds;
  }

  async listen(port = 0): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get queueUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/123456789012/orders`;
  }

  /** Bodies of the messages that nobody has deleted. */
  get left(): string[] {
    return [...this.#messages.values()].map(({ body }) => body);
  }

  put(body: string, attributes: Stored['attributes'] = {}): string {
    const id = randomUUID();
    this.#messages.set(id, { id, body, attributes, receipt: '', visibleAt: 0, receives: 0 });
    return id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
    if (this.misbehave !== undefined) {
      this.misbehave(response);
      return;
    }
    const reply = (status: number, body: object): void =>
      void response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
    try {
      if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ')) {
        throw new SqsError('com.amazonaws.sqs#MissingAuthenticationToken', 'Request is missing Authentication Token');
      }
      const action = String(request.headers['x-amz-target']).replace(/^AmazonSQS\./, '');
      this.asked.push(action);
      reply(200, this.#act(action, JSON.parse(text) as Input));
    } catch (error) {
      // expected: the errors that the service has
      const { type, message } = error as SqsError;
      reply(400, { __type: type, message });
    }
  }

  #act(action: string, input: Input): object {
    if (input['QueueUrl'] !== this.queueUrl) {
      throw new SqsError('com.amazonaws.sqs#QueueDoesNotExist', 'The specified queue does not exist.');
    }
    switch (action) {
      case 'GetQueueAttributes':
        return { Attributes: { VisibilityTimeout: String(this.#visibilitySeconds) } };
      case 'ReceiveMessage':
        return this.#receive(input);
      case 'DeleteMessage':
        this.#messages.delete(this.#byReceipt(input).id);
        return {};
      case 'ChangeMessageVisibility':
        this.#byReceipt(input).visibleAt = Date.now() + Number(input['VisibilityTimeout']) * 1000;
        return {};
      default:
        throw new SqsError('com.amazon.coral.service#UnknownOperationException', `Unknown operation ${action}`);
    }
  }

  #receive(input: Input): object {
    const most = Number(input['MaxNumberOfMessages'] ?? 1);
    if (!(most >= 1 && most <= 10)) {
      throw new SqsError('com.amazonaws.sqs#InvalidParameterValue', `Value ${most} for MaxNumberOfMessages is invalid`);
    }
    const system = input['MessageSystemAttributeNames'] as string[] | undefined;
    const names = input['MessageAttributeNames'] as string[] | undefined;
    const now = Date.now();
    const found = [...this.#messages.values()].filter(({ visibleAt }) => visibleAt <= now).slice(0, most);
    const messages = found.map((message) => {
      message.receipt = randomUUID();
      message.visibleAt = now + this.#visibilitySeconds * 1000;
      message.receives += 1;
      const wanted = Object.entries(message.attributes).filter(
        ([name]) => names?.includes('All') === true || names?.includes(name) === true,
      );
      const count = system?.some((name) => name === 'All' || name === 'ApproximateReceiveCount') === true;
      return {
        MessageId: message.id,
        ReceiptHandle: message.receipt,
        MD5OfBody: createHash('md5').update(message.body).digest('hex'),
        Body: message.body,
        ...(count ? { Attributes: { ApproximateReceiveCount: String(message.receives) } } : {}),
        ...(wanted.length > 0 ? { MessageAttributes: Object.fromEntries(wanted) } : {}),
      };
    });
    // No empty list: the field is left out.
    return messages.length === 0 ? {} : { Messages: messages };
  }

  #byReceipt(input: Input): Stored {
    const found = [...this.#messages.values()].find(
      ({ receipt }) => receipt !== '' && receipt === input['ReceiptHandle'],
    );
    if (found === undefined) {
      throw new SqsError('com.amazonaws.sqs#ReceiptHandleIsInvalid', 'The input receipt handle is invalid.');
    }
    return found;
  }
}
