// The three streams of a container: FIFOs that containerd has made, given to the container as they are, so that nothing is
// copied and nothing is lost when this process ends.
import { closeSync, constants, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RpcError } from '../ttrpc/index.ts';

export interface StdioPaths {
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface OpenStdio {
  readonly streams: readonly [number | 'ignore', number | 'ignore', number | 'ignore'];
  /** Keeps the container's input from ending; to be closed when the client says so, or with the container. */
  readonly stdinKeeper: number | undefined;
  /** Once the container has them. */
  closeStreams(): void;
}

/** Throws when one is not there, and leaves none open. */
export function openStdio({ stdin, stdout, stderr }: StdioPaths): OpenStdio {
  const opened: number[] = [];
  const open = (path: string, flags: number): number => {
    try {
      const fd = openSync(path, flags, 0o600);
      opened.push(fd);
      return fd;
    } catch (cause) {
      throw new RpcError('notFound', `cannot open the stream ${path}: ${cause instanceof Error ? cause.message : ''}`, {
        cause,
      });
    }
  };
  // For reading and writing: so it never waits for a reader, and a restart of containerd breaks no pipe.
  const output = (path: string): number | 'ignore' => {
    const place = placeOf(path);
    return place === undefined
      ? 'ignore'
      : place.isFile
        ? open(place.path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT)
        : open(place.path, constants.O_RDWR);
  };
  try {
    const place = placeOf(stdin);
    // The reading end alone would wait here for a writer, and the one for both would never see the end of the input.
    const stdinKeeper = place === undefined ? undefined : open(place.path, constants.O_RDWR);
    const input = place === undefined ? 'ignore' : open(place.path, constants.O_RDONLY);
    const streams = [input, output(stdout), output(stderr)] as const;
    return {
      streams,
      stdinKeeper,
      closeStreams() {
        for (const fd of new Set(streams)) {
          if (fd !== 'ignore') {
            closeSync(fd);
          }
        }
      },
    };
  } catch (error) {
    for (const fd of opened) {
      closeSync(fd);
    }
    throw error;
  }
}

/** Empty is nothing; a plain path is a FIFO; of the URIs those that need no further program. */
function placeOf(text: string): { readonly path: string; readonly isFile: boolean } | undefined {
  if (text === '' || text === '/dev/null') {
    return undefined;
  }
  const scheme = /^([a-z]+):\/\//.exec(text)?.[1];
  switch (scheme) {
    case undefined:
      return { path: text, isFile: false };
    case 'fifo':
      return { path: text.slice('fifo://'.length), isFile: false };
    case 'file':
      return { path: fileURLToPath(text), isFile: true };
    default:
      throw new RpcError('invalidArgument', `streams of the kind ${scheme} are not supported`);
  }
}
