import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UserError } from '@spindle/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fixture, fixturePath } from '../../../../test/guests/fixtures.ts';
import type { PreparedComponent } from '../api.ts';
import { decodeComponent } from '../decode/index.ts';
import { wat } from '../decode/testing/wat.ts';
import { readEntry } from './entry.ts';
import { ENGINE } from '../rewrite/index.ts';
import { prepareComponent } from './index.ts';
import { digestOf, ENGINE_VERSION, entryName } from './key.ts';

let cacheDir: string;
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'spindle-prepare-'));
});
afterEach(async () => {
  await rm(cacheDir, { recursive: true });
});

const entriesOf = (folder: string): string => join(folder, 'components');
const nameFor = (bytes: Uint8Array): string =>
  entryName({
    digest: digestOf(bytes),
    engineVersion: ENGINE_VERSION,
    nodeVersion: process.version,
    timeChecks: false,
  });

const shapeOf = (module: WebAssembly.Module): { imports: string[]; exports: string[] } => ({
  imports: WebAssembly.Module.imports(module).map((entry) => `${entry.module}.${entry.name}`),
  exports: WebAssembly.Module.exports(module).map(({ name }) => name),
});

const modulesWithChecks = ({ modules }: PreparedComponent): number =>
  modules.filter((module) => shapeOf(module).imports.includes(`${ENGINE}.interrupted`)).length;

const failure = async (text: string): Promise<UserError> => {
  const error: unknown = await prepareComponent(await wat(text), { name: 'apps/hello.wasm' }).catch(
    (reason: unknown) => reason,
  );
  if (error instanceof UserError) {
    return error;
  }
  throw new Error('no user error', { cause: error });
};

describe('preparing a component', () => {
  it('gives its digest, its plan and its compiled core modules in the order of the plan', async () => {
    const bytes = await fixture('rhello');
    const prepared = await prepareComponent(bytes);
    expect(prepared.digest).toBe(digestOf(bytes));
    expect(prepared.plan).toEqual(decodeComponent(bytes));
    expect(prepared.modules).toHaveLength(4);
    const main = prepared.plan.steps[1]?.module ?? -1;
    const names = WebAssembly.Module.exports(prepared.modules[main] as WebAssembly.Module).map((entry) => entry.name);
    expect(names).toContain('wasi:http/incoming-handler@0.2.12#handle');
  });

  it('writes nothing without a cache folder', async () => {
    await prepareComponent(await fixture('rhello'));
    expect(await readdir(cacheDir)).toEqual([]);
  });

  it('keeps what it made, and takes it from there the next time, without the component', async () => {
    const bytes = await fixture('rhello');
    const first = await prepareComponent(bytes, { cacheDir });
    expect(await readdir(entriesOf(cacheDir))).toEqual([nameFor(bytes)]);
    const again = { path: '/none.wasm', digest: first.digest };
    const second = await prepareComponent(again, { cacheDir });
    expect({ ...second, modules: second.modules.map(shapeOf) }).toEqual({
      ...first,
      modules: first.modules.map(shapeOf),
    });
    // What is kept for one digest is not taken for another.
    await expect(prepareComponent({ ...again, digest: `sha256:${'0'.repeat(64)}` }, { cacheDir })).rejects.toThrow(
      'ENOENT',
    );
  });

  it('keeps nothing under a digest that is not that of the component', async () => {
    const path = await fixturePath('rhello');
    const [wrong, right] = [`sha256:${'0'.repeat(64)}`, digestOf(await fixture('rhello'))];
    expect((await prepareComponent({ path, digest: wrong }, { cacheDir })).digest).toBe(right);
    expect(await readdir(entriesOf(cacheDir))).toEqual([nameFor(await fixture('rhello'))]);
  });

  it('keeps code with time checks apart from code without', async () => {
    const bytes = await fixture('rhello');
    const plain = await prepareComponent(bytes, { cacheDir });
    const checked = await prepareComponent(bytes, { cacheDir, timeChecks: true });
    const again = await prepareComponent(bytes, { cacheDir, timeChecks: true });
    expect(await readdir(entriesOf(cacheDir))).toHaveLength(2);
    expect([plain, checked, again].map(modulesWithChecks)).toEqual([0, 4, 4]);
  });

  it('notes the digest of a file that has settled', async () => {
    const path = join(cacheDir, 'app.wasm');
    await writeFile(path, await fixture('rhello'));
    const { digest } = await prepareComponent({ path }, { cacheDir });
    expect(await readdir(entriesOf(cacheDir))).toHaveLength(1);
    // The repository's own file was written long ago.
    const settled = await prepareComponent({ path: await fixturePath('rhello') }, { cacheDir });
    expect(settled.digest).toBe(digest);
    expect((await readdir(entriesOf(cacheDir))).filter((name) => name.startsWith('file-'))).toHaveLength(1);
  });

  it('makes a damaged entry anew and mends it', async () => {
    const bytes = await fixture('rhello');
    await prepareComponent(bytes, { cacheDir });
    await truncate(join(entriesOf(cacheDir), nameFor(bytes)), 100);
    expect((await prepareComponent(bytes, { cacheDir })).plan).toEqual(decodeComponent(bytes));
    expect(readEntry(entriesOf(cacheDir), nameFor(bytes))).toBeDefined();
  });

  it('keeps nothing of a component that is not valid', async () => {
    const bytes = await wat('(component (core module (func (result i32))))');
    await expect(prepareComponent(bytes, { cacheDir })).rejects.toThrow(UserError);
    expect(await readdir(cacheDir)).toEqual([]);
  });

  it('does without a cache folder that cannot be made', async () => {
    const bytes = await fixture('rhello');
    // No one can make folders there, not even root.
    const prepared = await prepareComponent(bytes, { cacheDir: '/sys/spindle' });
    expect(prepared.modules).toHaveLength(4);
  });

  it('says what is in the way of a cache folder', async () => {
    await writeFile(join(cacheDir, 'components'), 'a file');
    const error: unknown = await prepareComponent(await fixture('rhello'), { cacheDir }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({
      name: 'UserError',
      place: { file: join(cacheDir, 'components') },
      remedy: 'Give a cache directory that can be written.',
    });
  });

  it('shares its cache with other processes that prepare the same component at the same time', async () => {
    const path = await fixturePath('rhello');
    const script = `
      import { readFile } from 'node:fs/promises';
      const { prepareComponent } = await import(${JSON.stringify(join(import.meta.dirname, 'index.ts'))});
      const prepared = await prepareComponent(await readFile(${JSON.stringify(path)}), { cacheDir: ${JSON.stringify(cacheDir)} });
      console.log(prepared.plan.imports.length);`;
    const run = promisify(execFile);
    const outputs = await Promise.all(
      [1, 2, 3].map(() => run(process.execPath, ['--input-type=module', '--eval', script])),
    );
    const bytes = await fixture('rhello');
    const { imports } = decodeComponent(bytes);
    expect(outputs.map(({ stdout }) => stdout.trim())).toEqual([1, 2, 3].map(() => String(imports.length)));
    expect(await readdir(entriesOf(cacheDir))).toEqual([nameFor(bytes)]);
    expect(readEntry(entriesOf(cacheDir), nameFor(bytes))).toBeDefined();
  });
});

/** A component of one large core module, whose data is `letter` again and again. */
const large = (letter: string, code = 'i32.const 7'): Promise<Uint8Array> =>
  wat(`(component (core module (memory (export "m") 16) (func (export "f") (result i32) ${code})
    (data (i32.const 8) "${letter.repeat(600_000)}")))`);
const codeEntries = async (): Promise<string[]> =>
  (await readdir(entriesOf(cacheDir))).filter((name) => name.startsWith('code-'));
const dataOf = ({ data }: PreparedComponent): string => {
  const memory0 = new WebAssembly.Memory({ initial: 16 });
  Reflect.construct(WebAssembly.Instance, [data.get(0), { [ENGINE]: { memory0 } }]);
  return Buffer.from(memory0.buffer).toString('latin1').replaceAll('\0', '');
};

/** A component of one whose data belongs to a memory that is not its own, and more. */
const foreign = (rest: string): Promise<Uint8Array> =>
  wat(`(component (core module (import "a" "m" (memory 1)) (func (export "f"))
    (data (i32.const 8) "${'a'.repeat(600_000)}")) ${rest})`);

describe('a large core module', () => {
  it('has its code kept once for all the data that it comes with', async () => {
    for (const letter of ['a', 'b']) {
      expect(dataOf(await prepareComponent(await large(letter), { cacheDir }))).toBe(letter.repeat(600_000));
    }
    expect(await codeEntries()).toHaveLength(1);
    expect(await readdir(entriesOf(cacheDir))).toHaveLength(3);
    // From the cache, and without one.
    for (const options of [{ cacheDir }, {}]) {
      const again = await prepareComponent(await large('a'), options);
      expect(dataOf(again)).toBe('a'.repeat(600_000));
      expect(again.modules.map(shapeOf)).toEqual([
        { imports: expect.arrayContaining([`${ENGINE}.memory0`]), exports: expect.arrayContaining(['m', 'f']) },
      ]);
    }
  });

  it('is found again as a whole when its data cannot be taken out', async () => {
    for (const rest of ['', '(core module (func (export "g")))']) {
      const { modules, data } = await prepareComponent(await foreign(rest), { cacheDir });
      expect([shapeOf(modules[0] as WebAssembly.Module).exports.includes('f'), data.size]).toEqual([true, 0]);
    }
    expect(await codeEntries()).toHaveLength(1);
  });

  it('has other code kept apart, and code with time checks', async () => {
    await prepareComponent(await large('a'), { cacheDir });
    await prepareComponent(await large('a', 'i32.const 8'), { cacheDir });
    await prepareComponent(await large('a'), { cacheDir, timeChecks: true });
    expect(await codeEntries()).toHaveLength(3);
  });

  it.each([
    ['is damaged', (path: string) => truncate(path, 100)],
    ['is gone', (path: string) => rm(path)],
  ])('is made anew when its code in the cache %s', async (_, spoil) => {
    const bytes = await large('a');
    const first = await prepareComponent(bytes, { cacheDir });
    const [code = ''] = await codeEntries();
    await spoil(join(entriesOf(cacheDir), code));
    const second = await prepareComponent(bytes, { cacheDir });
    expect(second.modules.map(shapeOf)).toEqual(first.modules.map(shapeOf));
    expect(readEntry(entriesOf(cacheDir), code)).toBeDefined();
  });

  it('keeps its data when an instruction names it', async () => {
    const code = '(memory.init 0 (i32.const 0) (i32.const 0) (i32.const 0)) i32.const 7';
    const prepared = await prepareComponent(await large('a', code), { cacheDir });
    expect([...prepared.data]).toEqual([]);
    expect(await codeEntries()).toHaveLength(1);
    const again = await prepareComponent(await large('a', `${code} drop i32.const 8`), { cacheDir });
    expect(again.modules.map(shapeOf)).toEqual(prepared.modules.map(shapeOf));
    expect(await codeEntries()).toHaveLength(2);
  });

  it('is refused for its code also where its data is fine', async () => {
    await expect(prepareComponent(await large('a', 'i64.const 7'), { cacheDir })).rejects.toThrow(
      /^core module 0 of the component is not valid: Compiling function #0/,
    );
    expect(await readdir(cacheDir)).toEqual([]);
  });
});

describe('what is to be written to the cache', () => {
  it('can wait until there is time', async () => {
    const later: (() => Promise<void>)[] = [];
    const bytes = await fixture('rhello');
    await prepareComponent(bytes, { cacheDir, later: (write) => later.push(write) });
    expect(await readdir(cacheDir)).toEqual([]);
    expect(later).toHaveLength(1);
    await later[0]?.();
    expect(await readdir(entriesOf(cacheDir))).toEqual([nameFor(bytes)]);
    await prepareComponent(bytes, { cacheDir, later: (write) => later.push(write) });
    expect(later).toHaveLength(1);
  });
});

describe('a component that cannot be prepared', () => {
  it('is named with the core module that V8 refuses, and why', async () => {
    const error = await failure('(component (core module) (core module (func (result i32))))');
    expect(error.message).toMatch(/^core module 1 of the component is not valid: Compiling function #0 failed: /);
    expect(error.place).toEqual({
      file: 'apps/hello.wasm',
      field: expect.stringMatching(/^core module 1 at byte \d+$/),
    });
    expect(error.remedy).toContain('Node 26');
  });

  it('is refused also after others came from the cache, which V8 validates as they are called', async () => {
    const bytes = await fixture('rhello');
    await prepareComponent(bytes, { cacheDir });
    await prepareComponent(bytes, { cacheDir });
    const error = await failure('(component (core module (func (result i32))))');
    expect(error.message).toMatch(/^core module 0 of the component is not valid: Compiling function #0 failed: /);
  });

  it('is named with what this engine does not have', async () => {
    const error = await failure('(component (core module) (core module (memory i64 1)))');
    expect(error.message).toBe('core module 1 of the component needs what this engine does not have: memory64');
    expect(error.code).toBe('SPK4011');
  });

  it('is refused by its own words when it cannot even be read to be rewritten', async () => {
    const bytes = await wat('(component (core module (func (result i32) i32.const 7)))');
    // The last instruction becomes one that does not exist.
    bytes[bytes.lastIndexOf(0x41)] = 0xff;
    const error: unknown = await prepareComponent(bytes).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ message: expect.stringMatching(/not valid: .*0xff/), code: 'SPK4011' });
  });

  it('is named with the byte where its own format is wrong', async () => {
    const error = await failure('(component (type (tuple)))');
    expect(error.message).toBe('not a valid component: a tuple without elements');
    expect(error.place).toEqual({ file: 'apps/hello.wasm', field: 'byte 11' });
  });

  it('may be a core module of no known kind', async () => {
    const error = await failure('(module)');
    expect(error.message).toMatch(/^this core module is of no kind that can be served/);
    expect(error.remedy).toContain('component new');
  });
});
