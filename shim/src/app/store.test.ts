import { create, toBinary, fromBinary } from '@bufbuild/protobuf';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createContainerdClient, type ContainerdClient } from '../containerd/client.ts';
import { contentFetch } from '../containerd/content-fetch.ts';
import { createGrpcClient } from '../containerd/grpc.ts';
import * as api from '../generated/containerd_pb.ts';
import { CODE } from '../ttrpc/index.ts';
import { AppStore, referenceFor } from './store.ts';
import { isUsed, releaseUse } from './uses.ts';

/** Content by digest, as containerd has it. */
const blobs = new Map<string, Buffer>();
const add = (content: Buffer | string): { digest: string; size: number } => {
  const bytes = Buffer.from(content);
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  blobs.set(digest, bytes);
  return { digest, size: bytes.length };
};

/** A component that is all header: enough for a package. */
const wasm = (extra: number): Buffer => Buffer.from(`0061736d0d000100${extra.toString(16).padStart(4, '0')}`, 'hex');

function addImage(extra: number): string {
  const config = {
    mediaType: 'application/vnd.wasm.config.v0+json',
    ...add(JSON.stringify({ architecture: 'wasm', os: 'wasip1' })),
  };
  const layer = { mediaType: 'application/wasm', ...add(wasm(extra)) };
  return add(JSON.stringify({ schemaVersion: 2, config, layers: [layer] })).digest;
}

const frame = (message: Uint8Array): Buffer => {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([prefix, message]);
};

let root: string;
let server: Http2Server;
let containerd: ContainerdClient;
let close: () => void;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'apps-'));
  // containerd's content service as far as it is used, with answers in pieces.
  server = createServer();
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    let status: number = CODE.ok;
    stream.on('wantTrailers', () =>
      stream.sendTrailers({ 'grpc-status': String(status), 'grpc-message': 'caf%C3%A9' }),
    );
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const { digest } = fromBinary(api.ReadContentRequestSchema, Buffer.concat(chunks).subarray(5));
      const content = blobs.get(digest);
      if (content === undefined || headers[':path'] !== '/containerd.services.content.v1.Content/Read') {
        status = CODE.notFound;
      } else {
        for (let at = 0; at < content.length; at += 7) {
          const data = content.subarray(at, at + 7);
          stream.write(frame(toBinary(api.ReadContentResponseSchema, create(api.ReadContentResponseSchema, { data }))));
        }
      }
      stream.end();
    });
  });
  server.listen(join(root, 'socket'));
  await once(server, 'listening');
  const grpc = createGrpcClient(join(root, 'socket'), 'k8s.io');
  containerd = createContainerdClient(grpc);
  close = grpc.close;
});

afterAll(() => {
  close();
  server.close();
  rmSync(root, { recursive: true });
});

let folder: string;
let uses: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, 'store-'));
  uses = mkdtempSync(join(root, 'uses-'));
});

const storeOf = (maxBytes: number): AppStore => new AppStore({ folder, uses, maxBytes, now: () => new Date() });
const nameOf = (digest: string): string => digest.replace('sha256:', '');

describe('the store of applications', () => {
  it('reads one out of containerd, once for all containers', async () => {
    const digest = addImage(1);
    const store = storeOf(1e9);
    let asked = 0;
    const fetch: typeof globalThis.fetch = (...args) => {
      asked += 1;
      return contentFetch(containerd)(...args);
    };
    const image = { name: 'registry.example/team/app:1', digest };
    const apps = await Promise.all(['a', 'b'].map((container) => store.get(image, container, fetch)));
    const before = asked;
    apps.push(await store.get(image, 'c', fetch));
    expect(asked).toBe(before);
    expect(new Set(apps.map(({ folder: place }) => place))).toEqual(new Set([join(folder, nameOf(digest), 'content')]));
    expect(apps[0]).toMatchObject({
      reference: `registry.example/team/app@${digest}`,
      variables: [],
      isCommand: false,
    });
    const file = join(
      apps[0]?.folder ?? '',
      'spin/registry/wasm',
      `sha256:${createHash('sha256').update(wasm(1)).digest('hex')}`,
    );
    expect(readFileSync(file)).toEqual(wasm(1));
    expect(statSync(file).mode & 0o777).toBe(0o444);
  });

  it('refuses content that is not what its digest says, and leaves nothing of it', async () => {
    const digest = addImage(2);
    const layer = `sha256:${createHash('sha256').update(wasm(2)).digest('hex')}`;
    blobs.set(layer, wasm(3));
    const store = storeOf(1e9);
    await expect(store.get({ name: 'app', digest }, 'a', contentFetch(containerd))).rejects.toThrow(/digest/);
    expect(existsSync(join(folder, nameOf(digest)))).toBe(false);
    blobs.set(layer, wasm(2));
    expect(await store.get({ name: 'app', digest }, 'a', contentFetch(containerd))).toMatchObject({ isCommand: false });
  });

  it('says which content is missing', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    await expect(storeOf(1).get({ name: 'app', digest }, 'a', contentFetch(containerd))).rejects.toThrow(digest);
  });

  it('makes room by what was not used for longest, and never of what runs', async () => {
    const digests = [11, 12, 13].map(addImage);
    const store = storeOf(1);
    for (const [at, digest] of digests.entries()) {
      await store.get({ name: 'app', digest }, `container-${at}`, contentFetch(containerd));
    }
    const present = (): boolean[] => digests.map((digest) => existsSync(join(folder, nameOf(digest))));
    expect(present()).toEqual([true, true, true]);
    releaseUse(uses, 'container-1');
    expect(isUsed(uses, nameOf(digests[1] ?? ''))).toBe(false);
    await store.get({ name: 'app', digest: addImage(14) }, 'container-4', contentFetch(containerd));
    expect(present()).toEqual([true, false, true]);
  });

  it('has a reference for every name that containerd allows', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    expect(referenceFor('nginx:1', digest)).toBe(`docker.io/library/nginx@${digest}`);
    expect(referenceFor('localhost:5000/a/b:1@sha256:' + 'b'.repeat(64), digest)).toBe(`localhost:5000/a/b@${digest}`);
    expect(referenceFor('Not A Name', digest)).toBe(`localhost/app@${digest}`);
  });
});
