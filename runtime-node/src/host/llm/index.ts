// Large language models (spin-contract.md §4.10).
import type { HostCapability } from '../capability.ts';
import { LLM_CONFIG_KEY, parseLlmConfig, type LlmConfig } from './config.ts';
import { noEngine, type LlmEngine } from './engine.ts';
import { llmInterface } from './host.ts';
import { remoteEngine } from './remote.ts';

const V1 = 'fermyon:spin/llm';
const V2 = 'fermyon:spin/llm@2.0.0';

export const llm: HostCapability<LlmConfig, LlmEngine> = {
  id: 'llm',
  interfaces: [V2, V1],
  configKeys: [LLM_CONFIG_KEY],
  parse: parseLlmConfig,
  open: async (config) => (config.type === 'spin' ? noEngine : remoteEngine(config)),
  bind: (engine) =>
    new Map([
      [V2, llmInterface(engine)],
      [V1, llmInterface(engine)],
    ]),
};
