// Damaged modules and components: one error that says what is wrong, or a module that V8 judges as it judges the
// original. What is not valid never becomes valid by rewriting, and what is valid stays so.
import { UserError } from '@spindle/api';
import { parse } from '@bytecodealliance/jco';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeComponent } from '../../runtime-node/src/component/decode/index.ts';
import { linkComponent, prepareComponent } from '../../runtime-node/src/component/index.ts';
import { RewriteError, rewriteModule } from '../../runtime-node/src/component/rewrite/index.ts';
import { fixture } from '../guests/fixtures.ts';
import { works } from './corpus/index.ts';
import { damaged, damages } from './damage.ts';

/** Core modules up to this size: small enough to damage a few hundred times a second. */
const MOST_BYTES = 60_000;

/** Real guests, and with the corpus every section and proposal. */
const GUESTS = ['rhello', 'state', 'roundtrip', 'split'];

let modules: { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }[] = [];

beforeAll(async () => {
  const components = [
    ...(await Promise.all(GUESTS.map(async (name) => ({ name, bytes: await fixture(name) })))),
    ...(await Promise.all(works.map(async ({ name, text }) => ({ name, bytes: await parse(text) })))),
  ];
  modules = components
    .flatMap(({ name, bytes }) =>
      decodeComponent(bytes)
        // Some repeat a module hundreds of times.
        .modules.slice(0, 4)
        .map(({ offset, length }, index) => ({
          name: `${name}, module ${index}`,
          bytes: Uint8Array.from(bytes.subarray(offset, offset + length)),
        })),
    )
    .filter(({ bytes }) => bytes.length <= MOST_BYTES);
});

/** What became of a module, in a word; why when it was refused. */
function judged(bytes: Uint8Array<ArrayBuffer>, timeChecks: boolean): string {
  try {
    const { bytes: rewritten, facts } = rewriteModule(bytes, { timeChecks });
    if (facts.refused.length > 0) {
      return `refused: ${facts.refused.join()}`;
    }
    return WebAssembly.validate(rewritten) ? 'valid' : 'not valid';
  } catch (error) {
    if (error instanceof RewriteError) {
      return `not valid: ${error.message}`;
    }
    throw error;
  }
}

describe.each([false, true])('a module, with time checks: %s', (timeChecks) => {
  it('is valid after rewriting as it was before', () => {
    expect(modules.length).toBeGreaterThan(works.length);
    const found = modules.map(({ name, bytes }) => [name, judged(bytes, timeChecks)]);
    expect(found.filter(([, word]) => word !== 'valid')).toEqual([]);
  });

  it('that is damaged is valid after rewriting exactly if it was before', () => {
    fc.assert(
      fc.property(fc.nat(), damages, (number, all) => {
        const { name, bytes } = modules[number % modules.length] ?? { name: '', bytes: new Uint8Array() };
        const module = damaged(bytes, all);
        const word = judged(module, timeChecks);
        const valid = WebAssembly.validate(module);
        expect([name, word]).toEqual([name, expect.stringMatching(valid ? /^valid|^refused/ : /^not valid|^refused/)]);
      }),
      { numRuns: 4000 },
    );
  });
});

describe('a component that is damaged', () => {
  it.each(['state', 'resource', 'start', 'nested'])('(%s) is refused with a clear error, or starts', async (name) => {
    const component = await fixture(name);
    await fc.assert(
      fc.asyncProperty(damages, async (all) => {
        const message = await start(damaged(component, all));
        expect(message).toEqual(expect.not.stringMatching(/undefined|\[object|NaN/));
      }),
      { numRuns: 300 },
    );
  });
});

/** What the user is told; '' when it starts. Anything but a UserError goes through. */
async function start(component: Uint8Array): Promise<string> {
  try {
    linkComponent(await prepareComponent(component), new Map(), { name: 'damaged' }).close();
    return '';
  } catch (error) {
    if (error instanceof UserError) {
      return error.message;
    }
    throw error;
  }
}
