// Models behind HTTP, as real guests of both generations call them (spin-contract.md §4.10).
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startJsonServer, type JsonServer } from '../../runtime-node/src/host/key-value/testing/json-server.ts';
import { ask } from './client.ts';
import { serveGuest, type ServedGuest } from './serve-guest.ts';

const open: ServedGuest[] = [];
const seen: unknown[] = [];
let server: JsonServer;

beforeAll(async () => {
  server = await startJsonServer(({ path, headers, body }) => {
    seen.push([path, headers.authorization, body]);
    return path === '/infer'
      ? { body: { text: 'an answer', usage: { promptTokenCount: 1, generatedTokenCount: 2 } } }
      : { body: { embeddings: [[0.5, -1]], usage: { promptTokenCount: 3 } } };
  });
});

afterAll(() => server?.[Symbol.asyncDispose]());

afterEach(async () => {
  seen.length = 0;
  await Promise.all(open.splice(0).map((served) => served.stop()));
});

async function start(guest: string): Promise<ServedGuest> {
  const served = await serveGuest(guest, {
    component: 'ai_models = ["m"]',
    run: {
      runtimeConfig: {
        file: 'runtime-config.toml',
        text: `[llm_compute]\ntype = "remote_http"\nurl = "${server.url}"\nauth_token = "s3cret"\n`,
      },
    },
  });
  open.push(served);
  return served;
}

describe('a guest', () => {
  it('of SDK 5 infers, with its options, and gets embeddings', async () => {
    const served = await start('scalls');
    const body = 'llm.infer m hi 5\nllm.embed m a b\nllm.infer x hi';
    const answer = await ask(served.port, '/', { method: 'POST', body });
    const denied =
      "The component does not have access to use 'x'. To give the component access, add 'x' to the 'ai_models' key for the component in your spin.toml manifest";
    expect(answer.body?.split('\n')).toEqual([
      '"an answer" 1 2',
      '[[0.5, -1.0]] 3',
      `error Error::InvalidInput("${denied}")`,
      '',
    ]);
    const options = {
      maxTokens: 5,
      repeatPenalty: 1.5,
      repeatPenaltyLastNTokenCount: 7,
      temperature: 0.25,
      topK: 3,
      topP: 0.75,
    };
    expect(seen).toEqual([
      ['/infer', 'bearer s3cret', { model: 'm', prompt: 'hi', options }],
      ['/embed', 'bearer s3cret', { model: 'm', input: ['a', 'b'] }],
    ]);
  });

  it('of Spin 1 does so too', async () => {
    const served = await start('rspin1');
    expect((await ask(served.port, '/llm/infer?a=m&a=hi')).body).toBe('"an answer"\n');
    expect((await ask(served.port, '/llm/embed?a=m&a=hi')).body).toBe('[[0.5, -1.0]]\n');
    expect(seen).toMatchObject([
      ['/infer', 'bearer s3cret', { options: { maxTokens: 100, repeatPenalty: 1.1, temperature: 0.8, topP: 0.9 } }],
      ['/embed', 'bearer s3cret', { input: ['hi'] }],
    ]);
  });
});
