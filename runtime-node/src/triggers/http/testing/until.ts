// Waits for what comes by itself, on a busy machine too.
import { vi } from 'vitest';

const LONG_MS = 20_000;
const OFTEN_MS = 5;

export const until = async (is: () => boolean): Promise<void> => {
  await vi.waitUntil(is, { timeout: LONG_MS, interval: OFTEN_MS });
};
