// Models behind HTTP, by Spin's own API or by OpenAI's (spin-contract.md §4.10). Answers are checked before a guest gets
// them; the token stands in no message.
import type { RemoteLlm } from './config.ts';
import { LlmFailed, runtimeError, type EmbeddingsResult, type InferencingResult, type LlmEngine } from './engine.ts';

/** Spin's MAX_HOST_BUFFERED_BYTES: what one answer may hold (spin-contract.md §4). */
const MAX_ANSWER_BYTES = 134_217_728;

type Json = unknown;
type Send = typeof fetch;

export function remoteEngine(config: RemoteLlm, send: Send = fetch): LlmEngine {
  const post = (path: string, body: Json, signal: AbortSignal): Promise<Json> =>
    postJson(config, send, path, body, signal);
  return config.apiType === 'default' ? spinApi(post) : openAiApi(post);
}

type Post = (path: string, body: Json, signal: AbortSignal) => Promise<Json>;

const spinApi = (post: Post): LlmEngine => ({
  async infer(model, prompt, params, signal) {
    const options = {
      maxTokens: params.maxTokens,
      repeatPenalty: shortest(params.repeatPenalty),
      repeatPenaltyLastNTokenCount: params.repeatPenaltyLastNTokenCount,
      temperature: shortest(params.temperature),
      topK: params.topK,
      topP: shortest(params.topP),
    };
    const answer = await post('/infer', { model, prompt, options }, signal);
    return inference(
      '/infer',
      at(answer, 'text'),
      at(answer, 'usage', 'promptTokenCount'),
      at(answer, 'usage', 'generatedTokenCount'),
    );
  },
  async embed(model, input, signal) {
    const answer = await post('/embed', { model, input }, signal);
    return embeddings('/embed', at(answer, 'embeddings'), at(answer, 'usage', 'promptTokenCount'));
  },
});

const CHAT = '/v1/chat/completions';
const EMBEDDINGS = '/v1/embeddings';

const openAiApi = (post: Post): LlmEngine => ({
  async infer(model, content, params, signal) {
    const body = {
      messages: [{ role: 'user', content }],
      model,
      max_completion_tokens: params.maxTokens,
      frequency_penalty: shortest(params.repeatPenalty),
    };
    const answer = refusal(await post(CHAT, body, signal));
    const choices = at(answer, 'choices');
    const text = Array.isArray(choices) && choices.length === 0 ? '' : at(answer, 'choices', 0, 'message', 'content');
    return inference(CHAT, text, at(answer, 'usage', 'prompt_tokens'), at(answer, 'usage', 'completion_tokens'));
  },
  async embed(model, input, signal) {
    const answer = refusal(await post(EMBEDDINGS, { input, model }, signal));
    const data = at(answer, 'data');
    const vectors = Array.isArray(data) ? data.map((one: Json) => at(one, 'embedding')) : undefined;
    return embeddings(EMBEDDINGS, vectors, at(answer, 'usage', 'prompt_tokens'));
  },
});

/** `{ error: { message } }` instead of an answer. */
function refusal(answer: Json): Json {
  const message = at(answer, 'error', 'message');
  if (typeof message === 'string') {
    throw runtimeError(message);
  }
  return answer;
}

async function postJson(
  { url, authToken }: RemoteLlm,
  send: Send,
  path: string,
  body: Json,
  signal: AbortSignal,
): Promise<Json> {
  let response: Response;
  let text: string;
  try {
    response = await send(new URL(path, url), {
      method: 'POST',
      headers: { authorization: `bearer ${authToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    });
    text = await readText(response);
  } catch (error) {
    throw error instanceof LlmFailed ? error : runtimeError(`POST ${path} request error: ${reasonOf(error)}`, error);
  }
  try {
    return JSON.parse(text) as Json;
  } catch {
    // expected: a proxy in between answers in HTML; the guest is told
    throw undecoded(path, `the answer with status ${response.status} is not JSON`);
  }
}

async function readText({ body, headers }: Response): Promise<string> {
  const tooLong = () => runtimeError(`query result exceeds limit of ${MAX_ANSWER_BYTES} bytes`);
  if (Number(headers.get('content-length')) > MAX_ANSWER_BYTES) {
    await body?.cancel();
    throw tooLong();
  }
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body ?? []) {
    size += piece.length;
    if (size > MAX_ANSWER_BYTES) {
      throw tooLong();
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** fetch says `fetch failed`, and its cause what has failed. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}

const undecoded = (path: string, reason: string): LlmFailed =>
  runtimeError(`Failed to deserialize response for "POST  ${path}": ${reason}`);

function inference(path: string, text: Json, prompt: Json, generated: Json): InferencingResult {
  if (typeof text !== 'string' || !isCount(prompt) || !isCount(generated)) {
    throw undecoded(path, 'text or usage is missing');
  }
  return { text, usage: { promptTokenCount: prompt, generatedTokenCount: generated } };
}

function embeddings(path: string, vectors: Json, prompt: Json): EmbeddingsResult {
  if (!Array.isArray(vectors) || !vectors.every(isVector) || !isCount(prompt)) {
    throw undecoded(path, 'embeddings or usage is missing');
  }
  return { embeddings: vectors, usage: { promptTokenCount: prompt } };
}

const MAX_U32 = 0xffff_ffff;

const isCount = (value: Json): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_U32;

const isVector = (value: Json): value is number[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'number');

/** What stands there; undefined when there is no such thing. */
function at(value: Json, ...path: readonly (string | number)[]): Json {
  let found = value;
  for (const step of path) {
    found =
      typeof found === 'object' && found !== null && Object.hasOwn(found, step)
        ? (found as Record<string | number, Json>)[step]
        : undefined;
  }
  return found;
}

/** 1.1 in 32 bits is 1.10000002384…: the fewest digits that mean it, as Rust writes it. */
function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) {
      return candidate;
    }
  }
  return value;
}
