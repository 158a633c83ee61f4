// The cases that need no server of another package.
import { afterAll, beforeAll, describe } from 'vitest';
import { startModel, startOrigin, type RunningOrigin } from './origins.ts';
import { runCases } from './run-cases.ts';

let model: RunningOrigin;
let origin: RunningOrigin;

beforeAll(async () => {
  model = await startModel();
  origin = await startOrigin();
});

afterAll(async () => {
  await model?.stop();
  await origin?.stop();
});

describe.each(['sqlite', 'llm', 'variables', 'config', 'http'])('%s', (folder) => {
  runCases(folder, () => ({ LLM: model.address, HTTP: origin.address }));
});
