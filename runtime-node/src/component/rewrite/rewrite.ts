// From a core module to one whose instances the engine can put back, hold to a size, and interrupt: what types.ts says.
// Pure. A module that is not valid either fails here with a RewriteError or comes out not valid: V8 then refuses it.
import { assembleCode } from './assemble-code.ts';
import { rewriteBodies } from './code.ts';
import { readDeclarations } from './declarations.ts';
import { FUNCTION, GLOBAL, rewriteExports, type AddedExport } from './exports.ts';
import { Expressions, type Rewriting } from './expressions.ts';
import { declaredObstacles, declaredRefusals, importedMemory, MAX_SAVED, ownMemories } from './facts.ts';
import { rewriteTags, writeFunctions } from './functions.ts';
import { GeneratedFunctions, interruptCheck } from './generated.ts';
import { rewriteGlobals, writeGlobals } from './globals.ts';
import { writeImports } from './imports.ts';
import type { Input } from './input.ts';
import { planLayout, type Layout } from './layout.ts';
import { rewriteNames } from './names.ts';
import { Output } from './output.ts';
import { CallGraph, noCalls } from './recursion.ts';
import { SECTION, SECTION_ORDER, Sections, type SectionId } from './sections.ts';
import { rewriteData, rewriteElements, rewriteStart, rewriteTables } from './segments.ts';
import { writeTypes } from './type-section.ts';
import { EXPORTED, type RewriteOptions, type RewrittenModule } from './types.ts';

const NO_CHECK = new Uint8Array();

export function rewriteModule(bytes: Uint8Array, options: RewriteOptions): RewrittenModule {
  const sections = new Sections(bytes);
  const declared = readDeclarations(sections);
  const layout = planLayout(declared, options);
  const obstacles = new Set<string>();
  const generated = new GeneratedFunctions(layout);
  const graph = options.timeChecks ? new CallGraph(layout.functions.imported, declared.functions) : undefined;
  const calls = graph ?? noCalls;
  const check = options.timeChecks ? interruptCheck(layout) : NO_CHECK;
  const rewriting: Rewriting = { layout, generated, obstacles, calls, check, checks: [] };
  const walk = (input: Input, output: Output): Expressions => new Expressions(rewriting, input, output);

  const own = rewriteGlobals(sections.read(SECTION.global), layout.globals, layout.types, walk);
  const globals = writeGlobals(own, layout.globals, {
    initialPages: layout.virtual === 'own' ? declared.memories[0]?.initial : undefined,
    save: options.resettable !== false && own.mutable.length <= MAX_SAVED,
  });
  const added = virtualSize(layout);
  if (globals.saved.length > 0) {
    const { save, restore } = generated.saveAndRestore(globals.saved);
    added.push({ name: EXPORTED.save, kind: FUNCTION, index: save });
    added.push({ name: EXPORTED.restore, kind: FUNCTION, index: restore });
  }
  const bodies = rewriteBodies(sections.read(SECTION.code), declared.functions, layout, calls, walk);
  const exports = rewriteExports(sections.read(SECTION.export), layout, added, calls);

  const contents = new Map<SectionId, Output>([
    [SECTION.type, writeTypes(sections.read(SECTION.type))],
    [SECTION.import, writeImports(sections.read(SECTION.import), bytes, declared, layout)],
    [SECTION.global, globals.content],
    [SECTION.export, exports.output],
    [SECTION.function, writeFunctions(sections.read(SECTION.function), layout, generated.list)],
  ]);
  const rewrite = (id: SectionId, to: (input: Input) => Output): void => {
    const input = sections.read(id);
    if (input !== undefined) {
      contents.set(id, to(input));
    }
  };
  rewrite(SECTION.table, (input) => rewriteTables(input, layout, walk));
  rewrite(SECTION.tag, (input) => rewriteTags(input, layout));
  rewrite(SECTION.start, (input) => rewriteStart(input, layout));
  rewrite(SECTION.element, (input) => rewriteElements(input, layout, walk, calls));
  rewrite(SECTION.dataCount, verbatim);
  rewrite(SECTION.data, (input) => rewriteData(input, layout, walk));
  // Only now is every reference to a function known.
  const checks = { check, written: rewriting.checks, entries: graph?.checked() ?? NO_CHECK };
  const firstDefined = layout.functions.imported + layout.functions.added;
  const code = assembleCode(bodies, generated.list, checks, firstDefined);
  contents.set(SECTION.code, code.content);

  const names = sections.names();
  return {
    bytes: assemble(bytes, contents, code.hints, names && rewriteNames(names, layout.functions)),
    facts: {
      obstacles: [...declaredObstacles(declared, own.mutable.length), ...obstacles],
      refused: [...declaredRefusals(declared), ...exports.refused],
      memories: ownMemories(declared),
      virtualMemory: layout.virtual !== undefined,
      importedMemory: layout.virtual === 'imported' ? importedMemory(declared) : undefined,
      savesGlobals: globals.saved.length > 0,
    },
  };
}

/** Also what is imported is exported again, for a module that takes its memory from this one. */
const virtualSize = ({ virtual, pages, grow }: Layout): AddedExport[] =>
  virtual === undefined
    ? []
    : [
        { name: EXPORTED.pages, kind: GLOBAL, index: pages },
        { name: EXPORTED.grow, kind: FUNCTION, index: grow },
      ];

function verbatim(input: Input): Output {
  const output = new Output(input.end - input.at);
  output.copy(input.bytes, input.at, input.end);
  return output;
}

const PREAMBLE_BYTES = 8;

function assemble(
  bytes: Uint8Array,
  contents: ReadonlyMap<SectionId, Output>,
  hints: Output | undefined,
  names: Output | undefined,
): Uint8Array<ArrayBuffer> {
  const parts: (readonly [id: SectionId, content: Output])[] = [];
  const add = (id: SectionId, content: Output | undefined): void => {
    if (content !== undefined) {
      parts.push([id, content]);
    }
  };
  for (const id of SECTION_ORDER) {
    add(SECTION.custom, id === SECTION.code ? hints : undefined);
    add(id, contents.get(id));
  }
  add(SECTION.custom, names);
  // A section's number and size take 6 bytes at most.
  const size = parts.reduce((sum, [, content]) => sum + content.length + 6, PREAMBLE_BYTES);
  const output = new Output(size);
  output.copy(bytes, 0, PREAMBLE_BYTES);
  for (const [id, content] of parts) {
    output.section(id, content.written);
  }
  return output.written;
}
