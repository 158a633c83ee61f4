// Which modules of the bundle share a file: what the command line loads to serve, what a thread loads, and what both do. So
// a start reads two files and a thread two; what is imported on demand stays in files of its own.
import type { ChunkingContext, CodeSplittingGroup } from 'rolldown';

/** Module ids from which everything that a command, or a thread, imports statically can be reached. */
export interface Starts {
  readonly command: Iterable<string>;
  readonly thread: Iterable<string>;
}

export function startChunks(starts: Starts): CodeSplittingGroup[] {
  let command: ReadonlySet<string> | undefined;
  let thread: ReadonlySet<string> | undefined;
  const group = (name: string, priority: number, takes: (byCommand: boolean, byThread: boolean) => boolean) => ({
    name: (id: string, modules: ChunkingContext): string | null => {
      command ??= reachable(starts.command, modules);
      thread ??= reachable(starts.thread, modules);
      return takes(command.has(id), thread.has(id)) ? name : null;
    },
    debugName: name,
    priority,
  });
  return [
    // First, since a group takes along what its modules import.
    group('shared', 2, (byCommand, byThread) => byCommand && byThread),
    group('thread', 1, (_, byThread) => byThread),
    group('command', 0, (byCommand) => byCommand),
  ];
}

function reachable(starts: Iterable<string>, modules: ChunkingContext): ReadonlySet<string> {
  const found = new Set<string>(starts);
  for (const id of found) {
    for (const imported of modules.getModuleInfo(id)?.importedIds ?? []) {
      found.add(imported);
    }
  }
  return found;
}
