// Components that cannot serve stop the start, with what is wrong, where, and what to do; components that no trigger
// names do not (spin-contract.md §3.1, §4).
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@spindle/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixture, fixturePath } from '../guests/fixtures.ts';
import { ask } from './client.ts';
import { serveComponents, serveGuest } from './serve-guest.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spindle-broken-'));
  const sound = await fixture('rhello');
  const files: Readonly<Record<string, Uint8Array | string>> = {
    'cut.wasm': sound.subarray(0, sound.length - 1000),
    'half.wasm': sound.subarray(0, sound.length / 2),
    'text.wasm': 'this is no WebAssembly',
    'nothing.wasm': '',
    'broken-code.wasm': brokenCode(sound),
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), content);
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** A byte in the middle of the code turned: the component is whole, but an engine must refuse it. */
function brokenCode(sound: Uint8Array): Uint8Array {
  const broken = Uint8Array.from(sound);
  const middle = Math.floor(sound.length / 2);
  broken.fill(0xff, middle, middle + 64);
  return broken;
}

async function startError(source: string): Promise<UserError> {
  try {
    const served = await serveComponents([{ id: 'sad', route: '/...', source }]);
    await served.stop();
  } catch (error) {
    // expected: what the tests are about.
    if (error instanceof UserError) {
      return error;
    }
    throw error;
  }
  throw new Error(`${source} was served`);
}

/** All that the user is told. */
const told = ({ message, place, remedy }: UserError): string => [message, ...Object.values(place), remedy].join('\n');

describe('a component that cannot serve', () => {
  it.each([
    ['imports what no host has', 'missing', ['"sad"', '"example:missing/thing@1.0.0"', 'without these imports']],
    ['exports nothing', 'nothing', ['component.sad.source', '`wasi:http/incoming-handler@0.2.x`', 'exports: nothing']],
    ['is empty', 'empty', ['component.sad.source', 'exports: nothing']],
    ['could not even begin', 'start-trap', ['component.sad.source', 'cannot be instantiated: unreachable']],
    ['is for another trigger', 'sredis', ['component.sad.source', 'exports: fermyon:spin/inbound-redis']],
    ['is a command', 'rcommand', ['component.sad.source', 'exports: wasi:cli/run@0.2']],
    ['is a command, as a core module', 'rcommand-module', ['component.sad.source', 'exports: wasi:cli/run@0.2']],
  ])('because it %s', async (_why, guest, facts) => {
    const text = told(await startError(await fixturePath(guest)));
    for (const fact of facts) {
      expect(text).toContain(fact);
    }
  });

  it.each([
    ['is cut short at its end', 'cut.wasm', 'cut short'],
    ['is cut short in the middle', 'half.wasm', 'cut short'],
    ['is text', 'text.wasm', '00 61 73 6d'],
    ['has no bytes', 'nothing.wasm', 'the file is empty'],
    ['is not there', 'absent.wasm', 'No such file'],
    ['is a folder', '.', 'directory'],
    ['holds code that no engine takes', 'broken-code.wasm', 'broken-code.wasm'],
  ])('because its file %s', async (_why, file, fact) => {
    const error = await startError(join(folder, file));
    expect(told(error)).toContain(fact);
    expect(told(error)).toContain(join(folder, file).replace(/\/\.$/, ''));
    expect(error.remedy).toMatch(/\.$/);
  });
});

describe('a component that no trigger names', () => {
  it.each(['nothing', 'missing', 'shello-module'])('may be %s', async (guest) => {
    const served = await serveGuest('rhello', {
      application: `[component.unused]\nsource = ${JSON.stringify(await fixturePath(guest))}`,
    });
    expect(await ask(served.port, '/')).toMatchObject({ status: 200, body: 'Hello from Rust!\n' });
    await served.stop();
  });

  it('may hold code that no engine takes: it is not compiled', async () => {
    const served = await serveGuest('rhello', {
      application: `[component.unused]\nsource = ${JSON.stringify(join(folder, 'broken-code.wasm'))}`,
    });
    expect((await ask(served.port, '/')).status).toBe(200);
    await served.stop();
  });
});
