// What runs a model: the seam between the LLM interface and servers.

export interface InferencingParams {
  readonly maxTokens: number;
  readonly repeatPenalty: number;
  readonly repeatPenaltyLastNTokenCount: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
}

export interface InferencingResult {
  readonly text: string;
  readonly usage: { readonly promptTokenCount: number; readonly generatedTokenCount: number };
}

export interface EmbeddingsResult {
  readonly embeddings: readonly (readonly number[])[];
  readonly usage: { readonly promptTokenCount: number };
}

export interface LlmEngine {
  infer(model: string, prompt: string, params: InferencingParams, signal: AbortSignal): Promise<InferencingResult>;
  embed(model: string, texts: readonly string[], signal: AbortSignal): Promise<EmbeddingsResult>;
}

export type LlmFailure =
  | { readonly tag: 'model-not-supported' }
  | { readonly tag: 'runtime-error' | 'invalid-input'; readonly val: string };

export class LlmFailed extends Error {
  override readonly name = 'LlmFailed';
  readonly failure: LlmFailure;

  constructor(failure: LlmFailure, cause?: unknown) {
    super('val' in failure ? failure.val : failure.tag, cause === undefined ? undefined : { cause });
    this.failure = failure;
  }
}

export const runtimeError = (text: string, cause?: unknown): LlmFailed =>
  new LlmFailed({ tag: 'runtime-error', val: text }, cause);

/** What was thrown as a failure; a defect of ours is thrown again. */
export function failureOf(error: unknown): LlmFailure {
  if (error instanceof LlmFailed) {
    return error.failure;
  }
  throw error;
}

const NO_ENGINE = 'Local LLM operations are not supported in this version of Spin.';

/** For apps whose operator names no server. */
export const noEngine: LlmEngine = {
  infer: () => Promise.reject(runtimeError(NO_ENGINE)),
  embed: () => Promise.reject(runtimeError(NO_ENGINE)),
};
