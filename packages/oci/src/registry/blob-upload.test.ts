import { describe, expect, test } from 'vitest';
import { digestOf } from '../digest.ts';
import { changedWhilePushing } from '../errors.ts';
import { type Answer, type FaultRegistry, impatient, send, startFaultRegistry } from '../testing/fault-registry.ts';
import { userError } from '../testing/thrown.ts';
import { type BlobSource, uploadBlob } from './blob-upload.ts';
import { RegistrySession } from './session.ts';

const CONTENT = Buffer.from('content of the blob');
const source = (content = CONTENT): BlobSource => ({
  digest: digestOf(CONTENT),
  size: CONTENT.byteLength,
  open: async function* () {
    yield content.subarray(0, 5);
    yield content.subarray(5);
  },
});
const DIGEST = encodeURIComponent(digestOf(CONTENT));

interface Upload {
  readonly registry: FaultRegistry;
  readonly upload: (blob?: BlobSource) => Promise<string>;
}

async function uploadTo(answer: Answer): Promise<Upload> {
  const registry = await startFaultRegistry(answer);
  const session = new RegistrySession(registry.host, 'me/app', 'ref', impatient());
  return { registry, upload: (blob = source()) => uploadBlob(session, blob) };
}

/** Has no blob, and says where to put it. */
const opening =
  (location: (host: string) => string | undefined, put: Answer = (_, response) => send(response, 201)): Answer =>
  (request, response) => {
    const method = request.line.split(' ')[0];
    if (method === 'HEAD') {
      send(response, 404);
    } else if (method === 'POST') {
      const where = location(request.headers.host ?? '');
      send(response, 202, where === undefined ? {} : { location: where });
    } else {
      put(request, response);
    }
  };

describe('an upload', () => {
  test.each([
    ['an absolute location', (host: string) => `http://${host}/up/1`, `PUT /up/1?digest=${DIGEST}`],
    ['a location on the host', () => '/up/2', `PUT /up/2?digest=${DIGEST}`],
    ['a location beside the request', () => '3', `PUT /v2/me/app/blobs/uploads/3?digest=${DIGEST}`],
    ['a location with a state', () => '/up?state=a%2Bb==&x=%20', `PUT /up?state=a%2Bb==&x=%20&digest=${DIGEST}`],
  ])('asks first, then sends the blob to %s', async (_, location, put) => {
    const { registry, upload } = await uploadTo(opening(location));
    expect(await upload()).toBe('uploaded');
    expect(registry.requests.map(({ line }) => line)).toEqual([
      `HEAD /v2/me/app/blobs/${digestOf(CONTENT)}`,
      'POST /v2/me/app/blobs/uploads/',
      put,
    ]);
    expect(registry.requests[2]?.body).toEqual(CONTENT);
    expect(registry.requests[2]?.headers['content-length']).toBe(String(CONTENT.byteLength));
  });

  test.each([200, 307])('sends nothing that is there already (%i)', async (status) => {
    const { registry, upload } = await uploadTo((_, response) =>
      send(response, status, { location: 'http://storage.invalid/' }),
    );
    expect(await upload()).toBe('present');
    expect(registry.requests).toHaveLength(1);
  });

  test('to a storage of another host carries no credentials', async () => {
    const storage = await startFaultRegistry((_, response) => send(response, 201));
    const registry = await startFaultRegistry(({ line, headers }, response) => {
      if (headers.authorization === undefined) {
        send(response, 401, { 'www-authenticate': 'Basic realm="r"' });
      } else {
        send(response, line.startsWith('HEAD') ? 404 : 202, { location: `http://${storage.host}/up` });
      }
    });
    const session = new RegistrySession(registry.host, 'me/app', 'ref', {
      ...impatient(),
      credentials: async () => ({
        credentials: { kind: 'password', username: 'u', password: 'p', from: 'x' },
        problems: [],
      }),
    });
    await uploadBlob(session, source());
    expect(storage.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test('that fails half-way is begun anew, with a new location', async () => {
    let opened = 0;
    const { registry, upload } = await uploadTo(
      opening(
        () => `/up/${++opened}`,
        ({ line }, response) => send(response, line.startsWith('PUT /up/1') ? 500 : 201),
      ),
    );
    expect(await upload()).toBe('uploaded');
    expect(registry.requests.filter(({ line }) => line.startsWith('PUT')).map(({ line }) => line.slice(0, 9))).toEqual([
      'PUT /up/1',
      'PUT /up/2',
    ]);
    expect(registry.requests.at(-1)?.body).toEqual(CONTENT);
  });

  test('whose answer was lost is not sent twice', async () => {
    let stored = false;
    const { registry, upload } = await uploadTo((request, response) => {
      if (request.line.startsWith('HEAD')) {
        send(response, stored ? 200 : 404);
      } else if (request.line.startsWith('POST')) {
        send(response, 202, { location: '/up' });
      } else {
        stored = true;
        response.destroy();
      }
    });
    expect(await upload()).toBe('present');
    expect(registry.requests.filter(({ line }) => line.startsWith('PUT'))).toHaveLength(1);
  });

  test.each([
    ['without a location', opening(() => undefined), 'without the location'],
    [
      'with another digest stored',
      opening(
        () => '/up',
        (_, response) => send(response, 201, { 'docker-content-digest': 'sha256:0' }),
      ),
      'instead of',
    ],
    [
      'that refuses the content',
      opening(
        () => '/up',
        (_, response) => send(response, 400, {}, '{"errors":[{"code":"DIGEST_INVALID"}]}'),
      ),
      '400: "DIGEST_INVALID"',
    ],
    [
      'that refuses uploads',
      ({ line }, response) => send(response, line.startsWith('HEAD') ? 404 : 405),
      'answered 405',
    ],
  ] satisfies [string, Answer, string][])('to a registry %s is an error', async (_, answer, said) => {
    const { upload } = await uploadTo(answer);
    expect((await userError(() => upload())).message).toContain(said);
  });

  test('of a file that changes tells of the file, not of the network', async () => {
    const { registry, upload } = await uploadTo(opening(() => '/up'));
    const error = await userError(() =>
      upload({
        ...source(),
        open: async function* () {
          yield CONTENT.subarray(0, 3);
          throw changedWhilePushing('/app/x.txt', 'its content is another');
        },
      }),
    );
    expect([error.code, error.place.file]).toEqual(['SPK2017', '/app/x.txt']);
    expect(registry.requests.filter(({ line }) => line.startsWith('POST'))).toHaveLength(1);
  });
});
