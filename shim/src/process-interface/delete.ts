// `delete`: containerd has lost the server, or never had it, and asks that nothing is left of a container. A server that lives
// is asked first, since the container may be its own.
import { create, type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { EmptySchema, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { containerKey, releaseUse } from '../app/uses.ts';
import { loadLibc } from '../ffi/index.ts';
import { DeleteRequestSchema, DeleteResponseSchema, KillRequestSchema } from '../generated/task_pb.ts';
import { createOciRuntime } from '../oci-runtime/runtime.ts';
import { unmountAll } from '../oci-runtime/rootfs.ts';
import { readRuntimePlace, readSpec, rootfsOf } from '../task/bundle.ts';
import { TASK_SERVICES } from '../task/service.ts';
import { createTtrpcClient } from '../ttrpc/index.ts';
import { ADDRESS_FILE, socketOf, USES } from './places.ts';

/** As a shell reports SIGKILL; containerd's own shim says the same. */
const KILLED_STATUS = 137;
const SIGKILL = 9;

/** Bytes for standard output. */
export async function remove(namespace: string, id: string, bundle: string): Promise<Uint8Array> {
  await askServer(id, bundle);
  const place = await readRuntimePlace(bundle);
  if (place !== undefined) {
    const nobody = { addOwn: () => {}, removeOwn: () => {} };
    await createOciRuntime(place, nobody).remove(id);
  }
  unmountAll(loadLibc(), await rootfs(bundle));
  releaseUse(USES, containerKey(namespace, id));
  const response = { pid: 0, exitStatus: KILLED_STATUS, exitedAt: timestampFromDate(new Date()) };
  return toBinary(DeleteResponseSchema, create(DeleteResponseSchema, response));
}

async function rootfs(bundle: string): Promise<string> {
  try {
    return rootfsOf(bundle, await readSpec(bundle));
  } catch {
    // expected: it may not even have a configuration.
    return join(bundle, 'rootfs');
  }
}

/** containerd gives a call of `delete` some ten seconds. */
const ANSWER_MS = 3_000;

async function askServer(id: string, bundle: string): Promise<void> {
  let client: ReturnType<typeof createTtrpcClient> | undefined;
  const ask = async <Input extends DescMessage, Output extends DescMessage>(
    name: string,
    input: Input,
    output: Output,
    request: MessageShape<Input>,
  ): Promise<void> => {
    await client?.call({ service: TASK_SERVICES[1], name, input, output }, request, ANSWER_MS);
  };
  try {
    client = createTtrpcClient(socketOf(readFileSync(join(bundle, ADDRESS_FILE), 'utf8').trim()));
    await ask(
      'Kill',
      KillRequestSchema,
      EmptySchema,
      create(KillRequestSchema, { id, signal: SIGKILL, all: true }),
    ).catch(() => {
      // expected: it has ended already.
    });
    await ask('Delete', DeleteRequestSchema, DeleteResponseSchema, create(DeleteRequestSchema, { id }));
  } catch {
    // expected: there is no server, or it knows nothing of this container.
  } finally {
    client?.close();
  }
}
