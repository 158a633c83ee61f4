// `spindle new` and `spindle add`: choose, ask, render, and only then write, all or nothing.
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { parseManifest, type AppManifest } from '@spindle/api';
import type { Console } from '../console.ts';
import { nothingToMake, noManifestToExtend, templateFailed } from '../errors.ts';
import { readText } from '../given-file.ts';
import { parsePairs } from '../pairs.ts';
import { shadowedRoutes } from '../shadowed-routes.ts';
import type { TemplateVariant } from '../templates/metadata.ts';
import { allTemplates } from '../templates/store.ts';
import { readContent, readSnippet, variantOf, type Template, type TemplateUse } from '../templates/template.ts';
import { gitIdentity } from './authors.ts';
import { chooseName, chooseTemplate, readWords } from './choose.ts';
import { extendManifest, hasEntry } from './extend-manifest.ts';
import type { AddFlags, NewFlags } from './flags.ts';
import { folderName } from './name.ts';
import { nextStep } from './next-step.ts';
import { checkValues, collectValues, valuesFromFile } from './parameters.ts';
import { renderer, type RenderedFile, type Renderer } from './render.ts';
import { checkTarget, writeFiles, type WriteOptions } from './write-files.ts';

export async function newApplication(
  first: string | undefined,
  second: string | undefined,
  flags: NewFlags,
  console: Console,
): Promise<void> {
  const { template, name } = await choose(first, second, 'new', flags, console);
  const output = outputFolder(name, flags);
  const folder = resolve(console.cwd, output);
  const overwrite = mayOverwrite(flags);
  // Before anything is asked: nobody should answer for nothing.
  await checkTarget(folder, overwrite);
  const variant = variantFor(template, 'new');
  const made = await render(template, variant, { name, output, flags, console });
  await writeFiles({ folder, overwrite, files: made.files, folders: made.folders });
  const where = relative(console.cwd, folder);
  console.out(`Created ${name} from ${template.id}${where === '' ? '' : ` in ${where}`}`);
  if (made.manifest !== undefined) {
    console.out(nextStep(made.manifest, where));
  }
}

export async function addComponent(
  first: string | undefined,
  second: string | undefined,
  flags: AddFlags,
  console: Console,
): Promise<void> {
  const manifest = await findManifest(flags.file, console);
  const text = await readFile(manifest, 'utf8');
  const { template, name } = await choose(first, second, 'add', flags, console);
  const variant = withConditions(variantFor(template, 'add'), text, manifest);
  const root = dirname(manifest);
  const folder = variant.intoRoot ? root : resolve(root, outputFolder(name, flags));
  // Also of an absolute path: a manifest is moved together with what it names.
  const output = relative(root, folder) || '.';
  const overwrite = mayOverwrite(flags) || folder === root;
  const content = await readContent(template, variant.skipFiles);
  if (content.length > 0) {
    await checkTarget(folder, overwrite);
  }
  const made = await render(template, variant, { name, output, flags, console });
  const extended = extendManifest(text, await renderSnippets(template, variant, made.renderer), manifest);
  const files = { folder, overwrite, files: made.files, folders: made.folders };
  await writeWithManifest(files, manifest, extended);
  console.out(`Added ${name} from ${template.id} to ${relative(console.cwd, manifest)}`);
  for (const line of shadowedRoutes(parseManifest(extended, manifest).manifest)) {
    console.err(`Warning: ${line}. Give one of them another route in ${relative(console.cwd, manifest)}`);
  }
}

async function choose(
  first: string | undefined,
  second: string | undefined,
  use: TemplateUse,
  flags: NewFlags,
  console: Console,
): Promise<{ template: Template; name: string }> {
  const { templates } = await allTemplates(console);
  const words = readWords(first, second, flags.template, (id) => templates.some((template) => template.id === id));
  const template = await chooseTemplate(words, use, flags.tag ?? [], templates, console);
  return { template, name: await chooseName(words, use, console) };
}

const outputFolder = (name: string, { init, output }: NewFlags): string => (init ? '.' : (output ?? folderName(name)));

const mayOverwrite = (flags: NewFlags): boolean => flags.allowOverwrite ?? flags.allowOverwrites ?? false;

function variantFor(template: Template, use: TemplateUse): TemplateVariant {
  const variant = variantOf(template, use);
  if (variant === undefined) {
    throw new Error(`${template.id} was chosen for ${use}, which it does not support`);
  }
  return variant;
}

/** What the manifest already has is left out. */
function withConditions(variant: TemplateVariant, text: string, manifest: string): TemplateVariant {
  const met = variant.conditions.filter(({ manifestEntry }) => hasEntry(text, manifestEntry, manifest));
  const skipped = new Set(met.flatMap(({ skipSnippets }) => skipSnippets));
  return {
    ...variant,
    skipFiles: [...variant.skipFiles, ...met.flatMap(({ skipFiles }) => skipFiles)],
    skipParameters: [...variant.skipParameters, ...met.flatMap(({ skipParameters }) => skipParameters)],
    snippets: new Map([...variant.snippets].filter(([kind]) => !skipped.has(kind))),
  };
}

interface Wanted {
  readonly name: string;
  /** As the manifest should say it. */
  readonly output: string;
  readonly flags: NewFlags;
  readonly console: Console;
}

interface Made extends Pick<WriteOptions, 'files'> {
  /** Absent for a component. */
  readonly manifest: AppManifest | undefined;
  readonly folders: readonly string[];
  readonly renderer: Renderer;
}

async function render(template: Template, variant: TemplateVariant, wanted: Wanted): Promise<Made> {
  const { name, output, flags, console } = wanted;
  const parameters = template.parameters.filter((parameter) => !variant.skipParameters.includes(parameter.name));
  const given = givenValues(flags, console);
  checkValues(given, template.parameters);
  const values = await collectValues(parameters, given, {
    acceptDefaults: flags.acceptDefaults ?? false,
    ask: console.canAsk ? console.ask : undefined,
    tell: console.err,
  });
  const made = renderer(template.id, {
    ...(await gitIdentity(console.cwd)),
    'project-name': name,
    'output-path': output,
    ...values,
  });
  const content = await readContent(template, variant.skipFiles);
  const files = made.files(content).filter(({ path }) => flags.vcs || !/(^|\/)\.gitignore$/.test(path));
  const manifest = readManifest(files, template);
  const folders = template.folders.map(({ path }) => made.path(path));
  if (files.length === 0 && folders.length === 0 && variant.snippets.size === 0) {
    throw nothingToMake(template.folder);
  }
  return { files, folders, manifest, renderer: made };
}

/** A value that breaks the manifest is found before anything is written. */
function readManifest(files: readonly RenderedFile[], { id }: Template): AppManifest | undefined {
  const file = files.find(({ path }) => path === 'spin.toml');
  try {
    return file && parseManifest(Buffer.from(file.bytes).toString('utf8'), 'spin.toml').manifest;
  } catch (error) {
    throw templateFailed(id, 'spin.toml', error);
  }
}

/** A flag comes before the file. */
function givenValues({ value, valuesFile }: NewFlags, { cwd }: Console): ReadonlyMap<string, string> {
  const path = valuesFile && resolve(cwd, valuesFile);
  const fromFile = path ? valuesFromFile(readText(path, '--values-file'), path) : [];
  return new Map([...fromFile, ...parsePairs('--value', value)]);
}

async function renderSnippets(
  template: Template,
  { snippets }: TemplateVariant,
  { text }: Renderer,
): Promise<Parameters<typeof extendManifest>[1]> {
  const rendered = async (kind: string): Promise<string | undefined> => {
    const file = snippets.get(kind);
    return file === undefined ? undefined : text(await readSnippet(template, file), file);
  };
  const [component, applicationTrigger, variables] = [
    await rendered('component'),
    await rendered('application_trigger'),
    await rendered('variables'),
  ];
  return {
    ...(component === undefined ? {} : { component }),
    ...(applicationTrigger === undefined ? {} : { applicationTrigger }),
    ...(variables === undefined ? {} : { variables }),
  };
}

/** The manifest comes last: until it names the component, the new files mean nothing. */
async function writeWithManifest(files: WriteOptions, manifest: string, text: string): Promise<void> {
  const extended = { path: basename(manifest), bytes: Buffer.from(text) };
  await writeFiles({
    ...files,
    afterwards: () => writeFiles({ folder: dirname(manifest), files: [extended], overwrite: true }),
  });
}

async function findManifest(file: string | undefined, { cwd }: Console): Promise<string> {
  const given = resolve(cwd, file ?? 'spin.toml');
  const found = await stat(given).catch(() => undefined);
  const manifest = found?.isDirectory() ? join(given, 'spin.toml') : given;
  if (!(await stat(manifest).catch(() => undefined))?.isFile()) {
    throw noManifestToExtend(manifest);
  }
  return manifest;
}
