// Walks and rewrites every place of a locked app that refers to content: component sources, dependencies, trigger
// dependencies, files. Pure; the original is never changed.
import type { ComponentSource, ContentPath, LockedApp, LockedComponent } from '@spindle/api';
import { isRecord } from '../json.ts';

export interface ContentPlace {
  readonly component: string;
  readonly kind: 'component' | 'dependency' | 'trigger dependency' | 'file';
  /** Name of the dependency, role of the trigger dependency, path of the file. */
  readonly name: string;
}

export interface PlacedContent<Ref> {
  readonly place: ContentPlace;
  readonly ref: Ref;
}

/** For messages: `component hello`, `dependency a:b of component hello`. */
export const describePlace = ({ component, kind, name }: ContentPlace): string =>
  kind === 'component' ? `component ${component}` : `${kind} ${name} of component ${component}`;

/** Every Wasm source of one component: its own first, then those of its dependencies. */
export function* wasmSources(component: LockedComponent): Generator<PlacedContent<ComponentSource>, void, undefined> {
  yield { place: { component: component.id, kind: 'component', name: '' }, ref: component.source };
  for (const [name, { source }] of Object.entries(component.dependencies ?? {})) {
    yield { place: { component: component.id, kind: 'dependency', name }, ref: source };
  }
  for (const [name, dependencies] of Object.entries(component.trigger_dependencies ?? {})) {
    for (const dependency of dependencies.filter(hasSource)) {
      yield { place: { component: component.id, kind: 'trigger dependency', name }, ref: dependency.source };
    }
  }
}

export function* files(component: LockedComponent): Generator<PlacedContent<ContentPath>, void, undefined> {
  for (const ref of component.files ?? []) {
    yield { place: { component: component.id, kind: 'file', name: ref.path }, ref };
  }
}

export interface ContentRewriter {
  readonly wasm: (content: PlacedContent<ComponentSource>) => ComponentSource;
  /** One mount may become many files. */
  readonly file: (content: PlacedContent<ContentPath>) => readonly ContentPath[];
}

/** The app with each reference replaced, visited in the order of `wasmSources` and `files`, component by component. */
export function rewriteContent(locked: LockedApp, rewriter: ContentRewriter): LockedApp {
  return { ...locked, components: locked.components.map((component) => rewriteComponent(component, rewriter)) };
}

function rewriteComponent(component: LockedComponent, rewriter: ContentRewriter): LockedComponent {
  const replaced = new Map<ComponentSource, ComponentSource>();
  for (const content of wasmSources(component)) {
    replaced.set(content.ref, rewriter.wasm(content));
  }
  const replace = (source: ComponentSource): ComponentSource => replaced.get(source) ?? source;
  const result: LockedComponent = { ...component, source: replace(component.source) };
  if (component.dependencies !== undefined) {
    result.dependencies = mapValues(component.dependencies, (dependency) => ({
      ...dependency,
      source: replace(dependency.source),
    }));
  }
  if (component.trigger_dependencies !== undefined) {
    result.trigger_dependencies = mapValues(component.trigger_dependencies, (list) =>
      list.map((dependency) =>
        hasSource(dependency) ? { ...dependency, source: replace(dependency.source) } : dependency,
      ),
    );
  }
  if (component.files !== undefined) {
    result.files = [...files(component)].flatMap((content) => rewriter.file(content));
  }
  return result;
}

const mapValues = <From, To>(record: Record<string, From>, map: (value: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));

const hasSource = (dependency: unknown): dependency is { readonly source: ComponentSource } =>
  isRecord(dependency) && isRecord(dependency['source']) && typeof dependency['source']['content_type'] === 'string';
