// The tools that made a module, as the custom section "producers" names them (tool-conventions, ProducersSection.md):
// field by field, each a list of tools with their versions.
import { Budget } from '../decode/binary/budget.ts';
import { DecodeError } from '../decode/binary/error.ts';
import { PREAMBLE_BYTES } from '../decode/binary/preamble.ts';
import { Reader } from '../decode/binary/reader.ts';
import { CUSTOM_SECTION, type CustomSection } from './sections.ts';

export interface Tool {
  readonly name: string;
  readonly version: string;
}

/** There are a handful; a section that claims more is none of these. */
const MAX_TOOLS = 1_000;
const PROCESSED_BY = 'processed-by';
const PRODUCERS = 'producers';

/** The tools of a producers section; none when it is not well-formed, since nothing depends on it but advice. */
export function processedBy(payload: Uint8Array): readonly Tool[] {
  try {
    const reader = new Reader(payload, 0, payload.length, new Budget('producers', MAX_TOOLS));
    const tool = (): Tool => ({ name: reader.name('a tool'), version: reader.name('a version') });
    const fields = reader.vector('fields', MAX_TOOLS, () => ({
      field: reader.name('a field'),
      tools: reader.vector('tools', MAX_TOOLS, tool),
    }));
    return fields.filter(({ field }) => field === PROCESSED_BY).flatMap(({ tools }) => tools);
  } catch (error) {
    // expected: anybody may write anything into a custom section
    if (!(error instanceof DecodeError)) {
      throw error;
    }
    return [];
  }
}

/** The tools that made the module itself: compiler and linker. */
export const toolsOf = (custom: readonly CustomSection[]): readonly Tool[] =>
  custom.filter(({ name }) => name === PRODUCERS).flatMap(({ payload }) => processedBy(payload));

/**
 * The tools that wrote a component-type section: its payload is a small component, or with older tools a module, whose
 * own producers section names them.
 */
export function toolsOfType(payload: Uint8Array): readonly Tool[] {
  try {
    const reader = new Reader(payload, 0, payload.length, new Budget('sections', MAX_TOOLS));
    reader.window(PREAMBLE_BYTES, 'the preamble');
    const tools: Tool[] = [];
    while (!reader.atEnd) {
      const id = reader.byte('a section id');
      const section = reader.window(reader.u32('the size of a section'), 'a section');
      if (id === CUSTOM_SECTION && section.name('the name of a custom section') === PRODUCERS) {
        tools.push(...processedBy(payload.subarray(section.offset, section.offset + section.remaining)));
      }
    }
    return tools;
  } catch (error) {
    // expected: what the section holds is judged by the encoder of components, which has better words for it
    if (!(error instanceof DecodeError)) {
      throw error;
    }
    return [];
  }
}
