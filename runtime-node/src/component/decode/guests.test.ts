// Every guest of test/guests through our decoder and through wasm-tools (as jco ships it): the same interfaces, the
// same functions, the same counts of everything that has an effect.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { componentWit, print } from '@bytecodealliance/jco';
import { describe, expect, it } from 'vitest';
import { fixture } from '../../../../test/guests/fixtures.ts';
import type { ComponentPlan } from '../plan.ts';
import { decodeComponent } from './index.ts';

const FIXTURES = join(import.meta.dirname, '../../../../test/guests/fixtures');
const fixtures = readdirSync(FIXTURES).flatMap((file) => /^(.*)\.wasm(?:\.br)?$/.exec(file)?.[1] ?? []);
/** Core modules, which have to be made components first: refused by name. */
const later = new Map(
  fixtures.filter((name) => name.endsWith('-module')).map((name) => [name, 'core module'] as const),
);
const all = fixtures.filter((name) => !later.has(name));
/** What Rust's tools make: small enough to print, and with the interfaces' names for those of instances. */
const rust = all.filter((name) => existsSync(join(FIXTURES, '..', name, 'Cargo.toml')));

/** `import a:b/c@1;` lines of the world, and inline `export x: interface {`. */
const worldItems = (wit: string, keyword: 'import' | 'export'): string[] =>
  [...wit.matchAll(new RegExp(`^  ${keyword} ([^;{]+?)(?:: (?:interface|func).*)?[;{]?\\s*$`, 'gm'))].map(
    (match) => match[1] ?? '',
  );

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;

/** Functions of imported instances that the printed component takes from them. */
const usedFunctions = (text: string): string[] => [
  ...new Set(
    [...text.matchAll(/^ {2}\(alias export \$(\S+) "([^"]+)" \(func/gm)].map((match) => `${match[1]} ${match[2]}`),
  ),
];

const wantedBy = (module: WebAssembly.Module | undefined): { module: string; name: string }[] =>
  module === undefined ? [] : WebAssembly.Module.imports(module);

const kinds = (plan: ComponentPlan, kind: string): number =>
  plan.trampolines.filter((trampoline) => trampoline.kind === kind).length;

describe.each([...later])('the guest %s', (name, reason) => {
  it('is refused by name', async () => {
    const bytes = await fixture(name);
    expect(() => decodeComponent(bytes)).toThrow(reason);
  });
});

describe.each(all)('the guest %s', (name) => {
  it('imports and exports what wasm-tools says', async () => {
    const bytes = await fixture(name);
    const plan = decodeComponent(bytes);
    const wit = await componentWit(bytes);
    expect(plan.importedInterfaces).toEqual(worldItems(wit, 'import'));
    expect(Object.keys(plan.exports)).toEqual(worldItems(wit, 'export'));
  });

  it('has a valid core module in each byte range', async () => {
    const bytes = await fixture(name);
    for (const { offset, length } of decodeComponent(bytes).modules) {
      expect(WebAssembly.validate(bytes.subarray(offset, offset + length))).toBe(true);
    }
  });

  it('gives each core module all it imports, from exports that are there', async () => {
    const bytes = await fixture(name);
    const plan = decodeComponent(bytes);
    const modules = plan.modules.map(
      ({ offset, length }) => new WebAssembly.Module(bytes.subarray(offset, offset + length)),
    );
    const exportsOf = modules.map((module) => new Set(WebAssembly.Module.exports(module).map((entry) => entry.name)));
    const missing = plan.steps.flatMap((step, index) =>
      wantedBy(modules[step.module]).filter(({ module, name: field }) => {
        const ref = step.imports[module]?.[field];
        return ref?.from === 'instance'
          ? ref.instance >= index || !exportsOf[plan.steps[ref.instance]?.module ?? -1]?.has(ref.name)
          : ref === undefined || ref.trampoline >= plan.trampolines.length;
      }),
    );
    expect(missing).toEqual([]);
  });
});

describe.each(rust)('the guest %s in text', (name) => {
  it('has the definitions that its plan has', async () => {
    const bytes = await fixture(name);
    const plan = decodeComponent(bytes);
    const text = await print(bytes);
    expect(plan.modules.length).toBe(count(text, /^ +\(core module /gm));
    expect(plan.steps.length).toBe(count(text, /^ +\(core instance [^\n]*\(instantiate /gm));
    expect(plan.lifts.length).toBe(count(text, /\(canon lift /g));
    expect(kinds(plan, 'lower')).toBe(count(text, /\(canon lower /g));
    expect(kinds(plan, 'resource.drop')).toBe(count(text, /\(canon resource\.drop /g));
    expect(kinds(plan, 'resource.new')).toBe(count(text, /\(canon resource\.new /g));
    expect(plan.imports.map((entry) => `${entry.interface} ${entry.name}`).toSorted()).toEqual(
      usedFunctions(text).toSorted(),
    );
  });
});

describe.each(rust)('the plan of the guest %s', (name) => {
  it('makes core instances that V8 accepts, with a function that does nothing behind each trampoline', async () => {
    const bytes = await fixture(name);
    const plan = decodeComponent(bytes);
    const made: WebAssembly.Instance[] = [];
    for (const step of plan.steps) {
      const range = plan.modules[step.module] ?? { offset: 0, length: 0 };
      const module = new WebAssembly.Module(bytes.subarray(range.offset, range.offset + range.length));
      const imports: WebAssembly.Imports = {};
      for (const { module: from, name: field } of wantedBy(module)) {
        const ref = step.imports[from]?.[field];
        const value = ref?.from === 'instance' ? made[ref.instance]?.exports[ref.name] : () => 0;
        imports[from] = { ...imports[from], [field]: value ?? 0 };
      }
      made.push(new WebAssembly.Instance(module, imports));
    }
    const lifted = plan.lifts.map(({ core }) => core.from === 'instance' && made[core.instance]?.exports[core.name]);
    expect(lifted.map((value) => typeof value)).toEqual(plan.lifts.map(() => 'function'));
  });
});

describe('the plan of a real guest', () => {
  it('survives JSON', async () => {
    const plan = decodeComponent(await fixture('rhello'));
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  it('knows one resource type where several interfaces name the same one', async () => {
    const plan = decodeComponent(await fixture('rhello'));
    const streams = plan.resources.filter((resource) => resource.name === 'output-stream');
    expect(streams).toEqual([{ origin: 'import', interface: 'wasi:io/streams@0.2.12', name: 'output-stream' }]);
    const index = plan.resources.findIndex((resource) => resource.name === 'output-stream');
    const stdout = plan.imports.find((entry) => entry.name === 'get-stdout');
    const result = plan.funcTypes[stdout?.type ?? -1]?.result;
    expect(plan.types[Number(result)]).toEqual({ kind: 'own', resource: index });
  });

  it('gives the adapter the realloc of its own and the memory of the main module', async () => {
    const plan = decodeComponent(await fixture('rhello'));
    const lower = plan.trampolines.find(
      (trampoline) =>
        trampoline.kind === 'lower' &&
        trampoline.target.from === 'import' &&
        plan.imports[trampoline.target.import]?.name === 'get-environment',
    );
    expect(lower).toMatchObject({
      options: {
        memory: { from: 'instance', instance: 1, name: 'memory' },
        realloc: { from: 'instance', instance: 2, name: 'cabi_import_realloc' },
        encoding: 'utf8',
      },
    });
  });
});
