// fermyon:spin/llm@2.0.0, and the same without a version: models that the manifest allows the component to use.
import { waiting, type HostInterface } from '../../component/index.ts';
import { attempt } from '../attempt.ts';
import type { Guest } from '../guest.ts';
import { failureOf, LlmFailed, type InferencingParams, type LlmEngine } from './engine.ts';

/** When the guest gives none (spin-contract.md §4.10). */
const DEFAULTS: InferencingParams = {
  maxTokens: 100,
  repeatPenalty: Math.fround(1.1),
  repeatPenaltyLastNTokenCount: 64,
  temperature: Math.fround(0.8),
  topK: 40,
  topP: Math.fround(0.9),
};

export function llmInterface(engine: LlmEngine): HostInterface<Guest> {
  return {
    resources: {},
    functions: {
      infer: waiting((guest: Guest, model: string, prompt: string, params: InferencingParams | undefined) =>
        attempt(() => {
          checkAccess(guest, model);
          return engine.infer(model, prompt, params ?? DEFAULTS, guest.call.signal);
        }, failureOf),
      ),
      'generate-embeddings': waiting((guest: Guest, model: string, texts: readonly string[]) =>
        attempt(() => {
          checkAccess(guest, model);
          return engine.embed(model, texts, guest.call.signal);
        }, failureOf),
      ),
    },
  };
}

function checkAccess({ component }: Guest, model: string): void {
  if (component.metadata.ai_models?.includes(model) !== true) {
    const text = `The component does not have access to use '${model}'. To give the component access, add '${model}' to the 'ai_models' key for the component in your spin.toml manifest`;
    throw new LlmFailed({ tag: 'invalid-input', val: text });
  }
}
