// `containerd-shim-spin-v2`, as containerd calls it. The only file with side effects at import.
import { create, toBinary } from '@bufbuild/protobuf';
import { join } from 'node:path';
import { UserError } from '@spindle/api';
import { createPrepare, type PrepareOptions } from './app/prepare.ts';
import { AppStore } from './app/store.ts';
import { createContainerdClient } from './containerd/client.ts';
import { createGrpcClient } from './containerd/grpc.ts';
import { RuntimeInfoSchema } from './generated/runtime_info_pb.ts';
import type { Level } from './log/bundle-log.ts';
import { remove } from './process-interface/delete.ts';
import { parseFlags, type ShimFlags } from './process-interface/flags.ts';
import { buildOf, serverPlaces, socketOf, USES } from './process-interface/places.ts';
import { ignoreEndings, serve, tellReady } from './process-interface/serve.ts';
import { start } from './process-interface/start.ts';
import { wrongCall } from './errors.ts';
import { VERSION } from './version.ts';

const RUNTIME = 'io.containerd.spin.v2';

/** Where the shim is installed, with the runtime of the containers. */
const HOME = '/opt/spindle';
/** Of the applications that this node has read. */
const APPS = '/var/lib/spindle/apps';
/** Of a node's disk, beside what containerd keeps of the same content. */
const MAX_APP_BYTES = 10 * 1024 ** 3;

/** Enough for the next pod of a node that is being drained or filled. */
const LINGER_MS = 10_000;

async function main(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  try {
    const flags = parseFlags(args);
    switch (flags.action) {
      case 'version':
        return print(`${process.argv[1]}:\n  Runtime: spin\n  Version: ${VERSION}\n  Revision: ${build()}\n\n`);
      case 'info':
        return print(runtimeInfo());
      case 'start':
        return print(await start({ flags, places: placesFor(flags), program: ownProgram(env), env }));
      case 'delete':
        return print(await remove(flags.namespace, flags.id, flags.bundle === '' ? process.cwd() : flags.bundle));
      case 'serve':
        return await serveFor(flags, env);
    }
  } catch (error) {
    // expected: containerd logs what is said here.
    process.stderr.write(`${RUNTIME}: ${error instanceof UserError ? error.message : textOf(error)}\n`);
    process.exitCode = 1;
  }
}

async function serveFor(flags: ShimFlags, env: NodeJS.ProcessEnv): Promise<void> {
  const eventAddress = env['TTRPC_ADDRESS'] ?? '';
  if (eventAddress === '') {
    throw wrongCall('TTRPC_ADDRESS is not set');
  }
  ignoreEndings();
  const isFirst = await serve({
    owner: { address: flags.address, namespace: flags.namespace, build: build() },
    places: { ...placesFor(flags), socket: flags.socket },
    eventSocket: socketOf(eventAddress),
    path: env['PATH'] ?? '',
    logLevel: flags.debug ? 'debug' : levelFrom(env['RUST_LOG']),
    lingerMs: LINGER_MS,
    prepareWith: ({ log }) => createPrepare({ ...appMeans(flags, env), log }),
  });
  tellReady();
  if (!isFirst) {
    process.exit(0);
  }
}

function appMeans({ namespace, address }: ShimFlags, env: NodeJS.ProcessEnv): Omit<PrepareOptions, 'log'> {
  const home = env['SPINDLE_SHIM_HOME'] || HOME;
  return {
    namespace,
    containerd: createContainerdClient(createGrpcClient(socketOf(address), namespace)),
    store: new AppStore({
      folder: env['SPINDLE_SHIM_APPS'] || APPS,
      uses: USES,
      maxBytes: MAX_APP_BYTES,
      now: () => new Date(),
    }),
    uses: USES,
    files: { tree: join(home, 'runtime'), firstModule: join(home, 'shim/first-module.cjs') },
  };
}

const placesFor = ({ address, namespace }: ShimFlags): ReturnType<typeof serverPlaces> =>
  serverPlaces({ address, namespace, build: build() });

const build = (): string => buildOf(process.argv[1] ?? process.execPath);

/** What starts it says its own name, where Node is not started by its name alone. */
function ownProgram(env: NodeJS.ProcessEnv): readonly [string, ...string[]] {
  const given = env['SPINDLE_SHIM_PROGRAM'];
  return given === undefined || given === '' ? [process.execPath, ...process.execArgv, process.argv[1] ?? ''] : [given];
}

/** Upstream's variable. */
const levelFrom = (text: string | undefined): Level =>
  text === 'warn' || text === 'info' || text === 'debug' ? text : text === 'trace' ? 'debug' : 'error';

const runtimeInfo = (): Uint8Array =>
  toBinary(
    RuntimeInfoSchema,
    create(RuntimeInfoSchema, { name: RUNTIME, version: { version: VERSION, revision: build() } }),
  );

const print = (text: string | Uint8Array): void => void process.stdout.write(text);

const textOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

// Not awaited: the bundle is CommonJS. Its errors are handled within.
void main(process.argv.slice(2), process.env);
