// The arguments by which containerd calls a shim (control-plane.md §7.5). Flags are Go's: one dash or two, with "=" or without.
import { parseArgs } from 'node:util';
import { wrongCall } from '../errors.ts';

export interface ShimFlags {
  readonly action: 'start' | 'delete' | 'serve' | 'version' | 'info';
  readonly namespace: string;
  readonly id: string;
  /** Of containerd's gRPC socket. */
  readonly address: string;
  /** Folder of the container, when it is not the working directory. */
  readonly bundle: string;
  /** Where to serve. */
  readonly socket: string;
  readonly debug: boolean;
}

const text = { type: 'string', default: '' } as const;
const switched = { type: 'boolean', default: false } as const;
const OPTIONS = {
  namespace: text,
  id: text,
  address: text,
  'publish-binary': text,
  bundle: text,
  socket: text,
  debug: switched,
  version: { ...switched, short: 'v' },
  info: switched,
} as const;

export function parseFlags(args: readonly string[]): ShimFlags {
  const { values, positionals } = parse(args.map((arg) => (/^-[a-z][a-z-]/.test(arg) ? `-${arg}` : arg)));
  const { namespace, id, address, bundle, socket, debug } = values;
  const action = values.version ? 'version' : values.info ? 'info' : actionOf(positionals[0], socket);
  if (action !== 'version' && action !== 'info' && namespace === '') {
    throw wrongCall('Shim namespace cannot be empty');
  }
  return { action, namespace, id, address, bundle, socket, debug };
}

function parse(
  args: readonly string[],
): ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw wrongCall(error instanceof Error ? error.message : String(error));
  }
}

function actionOf(action: string | undefined, socket: string): ShimFlags['action'] {
  switch (action) {
    case 'start':
    case 'delete':
      return action;
    case undefined:
      if (socket === '') {
        throw wrongCall('Shim socket cannot be empty');
      }
      return 'serve';
    default:
      throw wrongCall(`there is no action "${action}"`);
  }
}
