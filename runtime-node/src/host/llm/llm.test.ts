// The LLM interface against small servers that answer as the two APIs document it.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcp, type AddressInfo, type Socket } from 'node:net';
import { UserError } from '@spindle/api';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { callHost, type CallHost } from '../testing/call-host.ts';
import { fakeApp } from '../testing/fake-app.ts';
import { fakeGuest } from '../testing/fake-guest.ts';
import { parseLlmConfig } from './config.ts';
import { llm } from './index.ts';

const servers: { close(done?: (value: unknown) => void): void }[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
  }
});

interface Seen {
  url: string | undefined;
  authorization: string | undefined;
  body: unknown;
}

/** Answers every request with the same; gives its URL and what it saw. */
async function answering(answer: unknown, status = 200): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { url, headers } = request;
      seen.push({ url, authorization: headers.authorization, body: JSON.parse(Buffer.concat(pieces).toString()) });
      response.statusCode = status;
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

async function caller(config: object | undefined, version = 'fermyon:spin/llm@2.0.0'): Promise<CallHost> {
  const { guest, component } = fakeGuest({ metadata: { ai_models: ['m'] } });
  const engine = await llm.open(llm.parse(config === undefined ? {} : { llm_compute: config }), fakeApp());
  return callHost(llm.bind(engine, component).get(version), guest);
}

const remote = (url: string, api = 'default') => ({
  type: 'remote_http',
  url: `${url}/some/path`,
  auth_token: 's3cret',
  api_type: api,
});

const failed = (tag: string, val: unknown): object => ({ tag: 'err', val: { tag, val } });
const DENIED = failed(
  'invalid-input',
  "The component does not have access to use 'x'. To give the component access, add 'x' to the 'ai_models' key for the component in your spin.toml manifest",
);
const LOCAL = failed('runtime-error', 'Local LLM operations are not supported in this version of Spin.');

describe.each(['fermyon:spin/llm@2.0.0', 'fermyon:spin/llm'])('%s', (version) => {
  it('asks the manifest before anything else', async () => {
    const { url, seen } = await answering({});
    const call = await caller(remote(url), version);
    expect(await call('infer', 'x', 'p', undefined)).toEqual(DENIED);
    expect(await call('generate-embeddings', 'x', ['t'])).toEqual(DENIED);
    expect(seen).toEqual([]);
  });

  it.each([[undefined], [{ type: 'spin' }]])('says that there is no engine for %o', async (config) => {
    const call = await caller(config, version);
    expect(await call('infer', 'm', 'p', undefined)).toEqual(LOCAL);
    expect(await call('generate-embeddings', 'm', ['t'])).toEqual(LOCAL);
  });
});

describe('a remote server', () => {
  it('of Spin gets the prompt with the options, and gives text', async () => {
    const { url, seen } = await answering({ text: 'hi', usage: { promptTokenCount: 3, generatedTokenCount: 4 } });
    const call = await caller(remote(url));
    const usage = { promptTokenCount: 3, generatedTokenCount: 4 };
    expect(await call('infer', 'm', 'say "hi"', undefined)).toEqual({ tag: 'ok', val: { text: 'hi', usage } });
    const options = {
      maxTokens: 100,
      repeatPenalty: 1.1,
      repeatPenaltyLastNTokenCount: 64,
      temperature: 0.8,
      topK: 40,
      topP: 0.9,
    };
    expect(seen).toEqual([
      { url: '/infer', authorization: 'bearer s3cret', body: { model: 'm', prompt: 'say "hi"', options } },
    ]);
  });

  it('of Spin gives embeddings', async () => {
    const { url, seen } = await answering({ embeddings: [[0.5, 1], []], usage: { promptTokenCount: 2 } });
    const answer = await (await caller(remote(url)))('generate-embeddings', 'm', ['a', 'b']);
    expect(answer).toEqual({
      tag: 'ok',
      val: { embeddings: [[0.5, 1], []], usage: { promptTokenCount: 2 } },
    });
    expect(seen).toEqual([{ url: '/embed', authorization: 'bearer s3cret', body: { model: 'm', input: ['a', 'b'] } }]);
  });

  it("of OpenAI's kind gets a chat of one message", async () => {
    const { url, seen } = await answering({
      choices: [{ message: { content: 'hi' } }],
      usage: { prompt_tokens: 1, completion_tokens: 2 },
    });
    const params = {
      maxTokens: 5,
      repeatPenalty: Math.fround(1.3),
      repeatPenaltyLastNTokenCount: 1,
      temperature: 0,
      topK: 1,
      topP: 1,
    };
    expect(await (await caller(remote(url, 'open_ai')))('infer', 'm', 'p', params)).toEqual({
      tag: 'ok',
      val: { text: 'hi', usage: { promptTokenCount: 1, generatedTokenCount: 2 } },
    });
    expect(seen).toEqual([
      {
        url: '/v1/chat/completions',
        authorization: 'bearer s3cret',
        body: {
          messages: [{ role: 'user', content: 'p' }],
          model: 'm',
          max_completion_tokens: 5,
          frequency_penalty: 1.3,
        },
      },
    ]);
  });

  it("of OpenAI's kind gives embeddings", async () => {
    const { url, seen } = await answering({ data: [{ embedding: [1, 2] }], usage: { prompt_tokens: 1 } });
    expect(await (await caller(remote(url, 'open_ai')))('generate-embeddings', 'm', ['a'])).toEqual({
      tag: 'ok',
      val: { embeddings: [[1, 2]], usage: { promptTokenCount: 1 } },
    });
    expect(seen).toMatchObject([{ url: '/v1/embeddings', body: { input: ['a'], model: 'm' } }]);
  });

  it("of OpenAI's kind may have no choice, and may refuse", async () => {
    const none = await answering({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 0 } });
    expect(await (await caller(remote(none.url, 'open_ai')))('infer', 'm', 'p', undefined)).toMatchObject({
      tag: 'ok',
      val: { text: '' },
    });
    const refusing = await answering({ error: { message: 'no such model' } }, 404);
    const call = await caller(remote(refusing.url, 'open_ai'));
    expect(await call('infer', 'm', 'p', undefined)).toEqual(failed('runtime-error', 'no such model'));
  });

  it.each([
    ['<html>', 502],
    ['', 200],
    [{}, 200],
    [{ text: 1, usage: { promptTokenCount: 1, generatedTokenCount: 1 } }, 200],
    [{ text: 'x', usage: { promptTokenCount: -1, generatedTokenCount: 1 } }, 200],
    [{ text: 'x', usage: { promptTokenCount: 1, generatedTokenCount: 4_294_967_296 } }, 200],
    [{ embeddings: [['1']], usage: { promptTokenCount: 1 } }, 200],
    [{ embeddings: {}, usage: { promptTokenCount: 1 } }, 200],
    [[], 401],
    [null, 200],
  ])('that answers %j is an error to the guest', async (answer, status) => {
    for (const api of ['default', 'open_ai']) {
      const call = await caller(remote((await answering(answer, status)).url, api));
      const wanted = failed('runtime-error', expect.stringContaining('Failed to deserialize response'));
      expect(await call('infer', 'm', 'p', undefined)).toEqual(wanted);
      expect(await call('generate-embeddings', 'm', ['t'])).toEqual(wanted);
    }
  });

  it.each<[what: string, speak: (socket: Socket) => void]>([
    ['talks nonsense', (socket) => socket.end('garbage garbage\r\n')],
    ['hangs up', (socket) => socket.destroy()],
    ['hangs up in the middle', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"te')],
    ['promises more than fits', (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 134217729\r\n\r\n{')],
    ['sends a head without end', (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(1_000_000)}`)],
    ['nests without end', (socket) => socket.end(`HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${'['.repeat(500_000)}`)],
  ])('that %s is an error without the token', async (_what, speak) => {
    const server = createTcp((socket) => {
      socket.on('error', () => {}).once('data', () => speak(socket));
      onTestFinished(() => void socket.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    const { port } = server.address() as AddressInfo;
    const answer = await (await caller(remote(`http://127.0.0.1:${port}`)))('infer', 'm', 'p', undefined);
    expect(answer).toMatchObject(failed('runtime-error', expect.any(String)));
    expect(JSON.stringify(answer)).not.toContain('s3cret');
  });

  it('that is not there is an error without the token', async () => {
    const { url } = await answering({});
    await new Promise((resolve) => servers.pop()?.close(resolve));
    const call = await caller(remote(url));
    const answer = await call('infer', 'm', 'p', undefined);
    expect(answer).toEqual(
      failed('runtime-error', expect.stringMatching(/^POST \/infer request error: .*ECONNREFUSED/)),
    );
    expect(JSON.stringify(answer)).not.toContain('s3cret');
  });
});

describe('the configuration', () => {
  it.each([
    [{ type: 'local' }, 'llm_compute.type'],
    [{}, 'llm_compute.type'],
    ['spin', 'llm_compute'],
    [{ type: 'spin', url: 'x' }, 'llm_compute.url'],
    [{ type: 'remote_http', auth_token: 's3cret' }, 'llm_compute.url'],
    [{ type: 'remote_http', url: 'ftp://x', auth_token: 's3cret' }, 'llm_compute.url'],
    [{ type: 'remote_http', url: 'http://x' }, 'llm_compute.auth_token'],
    [{ type: 'remote_http', url: 'http://x', auth_token: 's3cret\n' }, 'llm_compute.auth_token'],
    [{ type: 'remote_http', url: 'http://x', auth_token: 's3cret', api_type: 'x' }, 'llm_compute.api_type'],
    [{ type: 'remote_http', url: 'http://x', auth_token: 's3cret', model: 'x' }, 'llm_compute.model'],
  ])('%j is refused by name', (section, field) => {
    const error = thrownBy(() => parseLlmConfig({ llm_compute: section }));
    expect(error).toMatchObject({ place: { field } });
    expect(String(error)).not.toContain('s3cret');
  });

  it('is read or refused with a UserError, whatever it holds', () => {
    fc.assert(
      fc.property(fc.record({ llm_compute: fc.anything() }), (raw) => {
        const error = thrownBy(() => parseLlmConfig(raw));
        expect(error === undefined || error instanceof UserError).toBe(true);
      }),
    );
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    // expected: what the test is about
    return error;
  }
}
