// Core modules for the tests: from text, and with the custom sections that tools leave in them.
import { wat } from '../../decode/testing/wat.ts';

const utf8 = new TextEncoder();

const text = (value: string): number[] => {
  const bytes = [...utf8.encode(value)];
  return [...u32(bytes.length), ...bytes];
};

function u32(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...u32(value >>> 7)];
}

export function withCustomSection(module: Uint8Array, name: string, payload: readonly number[]): Uint8Array {
  const content = [...text(name), ...payload];
  return Uint8Array.from([...module, 0, ...u32(content.length), ...content]);
}

/** A producers section's payload: one field of one tool. */
export const processedBy = (tool: string, version: string): number[] => [
  1,
  ...text('processed-by'),
  1,
  ...text(tool),
  ...text(version),
];

const COMPONENT = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

/** A module with a component-type section that these tools wrote. */
export async function typedBy(tool: string, version: string, module = '(module)'): Promise<Uint8Array> {
  const producers = [...text('producers'), ...processedBy(tool, version)];
  const type = [...COMPONENT, 0, ...u32(producers.length), ...producers];
  return withCustomSection(await wat(module), 'component-type:test', type);
}
