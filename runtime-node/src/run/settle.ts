// Where a run keeps its state and its logs, and its limits: the flags, below them the runtime configuration, below that
// what holds without either (spin-contract.md §5.1, §5.3).
import { join } from 'node:path';
import { openFileLimit, readProcLimits } from '../host/open-file-limit.ts';
import { INSTANCE_MEMORY_KEY, instanceMemorySetting, limitsFrom, type Limits } from '../limits/index.ts';
import type { RunOptions } from './options.ts';

export interface Settled {
  /** Undefined keeps all state in memory. */
  readonly stateDir: string | undefined;
  /** '' writes no log files. */
  readonly logDir: string;
  readonly limits: Limits;
}

type Given = Pick<RunOptions, 'runtimeConfig' | 'stateDir' | 'defaultStateDir' | 'logDir' | 'limits'>;

export async function settle({ runtimeConfig, stateDir, defaultStateDir, logDir, limits }: Given): Promise<Settled> {
  const settings = runtimeConfig && (await readSettings(runtimeConfig));
  const state = (stateDir ?? settings?.stateDir ?? defaultStateDir) || undefined;
  return {
    stateDir: state,
    logDir: logDir ?? settings?.logDir ?? (state && join(state, 'logs')) ?? '',
    limits: withinFiles(
      limitsFrom({ ...limits, instanceMemory: limits?.instanceMemory ?? settings?.instanceMemory }),
      limits?.connections,
    ),
  };
}

/** Half of the files of the process for connections of clients, unless a number was asked for: guests need some too. */
const withinFiles = (limits: Limits, asked: number | undefined): Limits => ({
  ...limits,
  connections:
    asked ?? Math.max(1, Math.min(limits.connections, Math.floor(openFileLimit(readProcLimits()) / FILES_PART))),
});

const FILES_PART = 2;

/** The keys of the capabilities are read, and unknown ones refused, where the capabilities are: in the threads. */
async function readSettings({ text, file }: NonNullable<RunOptions['runtimeConfig']>) {
  // Loaded only by runs that have such a file.
  const { directorySetting, readRuntimeConfig } = await import('../app/runtime-config.ts');
  const config = readRuntimeConfig(text, file);
  return {
    stateDir: directorySetting(config, 'state_dir'),
    logDir: directorySetting(config, 'log_dir'),
    instanceMemory: instanceMemorySetting(config.sections[INSTANCE_MEMORY_KEY], file),
  };
}
