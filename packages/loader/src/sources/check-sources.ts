// Looks at the Wasm of every component that a trigger uses, so that a missing build or a wrong file is told at once and
// by name. What no trigger uses is never run and, as in Spin, never stops the app.
import { fileURLToPath } from 'node:url';
import { UserError, type ComponentSource, type LockedApp, type LockedComponent } from '@spindle/api';
import { notWasm, unreadableSource } from '../errors.ts';
import { isSystemError } from '../files/directory.ts';
import { MAX_PARALLEL_COPIES } from '../files/copy.ts';
import { forEachParallel } from '../parallel.ts';
import { inspectWasmFile, WasmFormatError } from './wasm-file.ts';

export interface CheckOptions {
  /** Manifest or reference, for messages. */
  readonly origin: string;
  /** Default: all that triggers use. */
  readonly components?: readonly string[] | undefined;
  readonly warn: (message: string) => void;
}

interface Part {
  readonly component: string;
  /** `Component hello source`, as it begins a message. */
  readonly what: string;
  readonly field: string;
  readonly source: ComponentSource;
}

export async function checkSources(locked: LockedApp, options: CheckOptions): Promise<void> {
  const used = usedComponents(locked);
  const chosen = options.components === undefined ? undefined : new Set(options.components);
  const parts = locked.components.filter(({ id }) => chosen?.has(id) ?? true).flatMap(partsOf);
  await forEachParallel(parts, MAX_PARALLEL_COPIES, async (part) => {
    try {
      await checkPart(part, options.origin);
    } catch (error) {
      if (used.has(part.component) || !(error instanceof UserError)) {
        throw error;
      }
      options.warn(`component ${part.component} is not used by any trigger, and could not be: ${error.message}`);
    }
  });
}

/** Ids that triggers name, alone or in roles. */
function usedComponents(locked: LockedApp): ReadonlySet<string> {
  const named = locked.triggers.flatMap(({ trigger_config: { component, components } }) => [
    component,
    ...(typeof components === 'object' && components !== null ? Object.values(components).flat() : []),
  ]);
  return new Set(named.filter((id) => typeof id === 'string'));
}

function partsOf(component: LockedComponent): Part[] {
  const { id } = component;
  const own = {
    component: id,
    what: `Component ${id} source`,
    field: `component.${id}.source`,
    source: component.source,
  };
  const dependencies = Object.entries(component.dependencies ?? {}).map(([name, { source }]) => ({
    component: id,
    what: `dependency ${name} for component ${id}`,
    field: `component.${id}.dependencies.${JSON.stringify(name)}`,
    source,
  }));
  return [own, ...dependencies];
}

async function checkPart({ what, field, source }: Part, origin: string): Promise<void> {
  const path = fileURLToPath(source.source ?? '');
  const place = { file: origin, field };
  try {
    await inspectWasmFile(path);
  } catch (error) {
    if (error instanceof WasmFormatError) {
      throw notWasm(what, path, error.message, place, error.remedy);
    }
    if (isSystemError(error)) {
      throw unreadableSource(what, path, place, error);
    }
    throw error;
  }
}
