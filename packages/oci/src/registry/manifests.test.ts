import { describe, expect, test } from 'vitest';
import { digestOf } from '../digest.ts';
import { OCI_MANIFEST } from '../media-types.ts';
import { type Answer, type FaultRegistry, impatient, send, startFaultRegistry } from '../testing/fault-registry.ts';
import { userError } from '../testing/thrown.ts';
import { getManifest, putManifest } from './manifests.ts';
import { RegistrySession } from './session.ts';

const BYTES = Buffer.from('{"schemaVersion":2}');
const DIGEST = digestOf(BYTES);

async function sessionWith(answer: Answer): Promise<{ registry: FaultRegistry; session: RegistrySession }> {
  const registry = await startFaultRegistry(answer);
  return { registry, session: new RegistrySession(registry.host, 'me/app', 'ref', impatient()) };
}

describe('getting a manifest', () => {
  test('asks for every kind that can be read and gives the bytes with their digest', async () => {
    const { registry, session } = await sessionWith((_, response) => send(response, 200, {}, BYTES));
    expect(await getManifest(session, 'v1')).toEqual({ bytes: BYTES, digest: DIGEST });
    expect(registry.requests[0]?.line).toBe('GET /v2/me/app/manifests/v1');
    expect(registry.requests[0]?.headers.accept?.split(', ')).toHaveLength(4);
  });

  test.each([
    ['by a digest that its bytes do not have', `sha256:${'0'.repeat(64)}`, {}],
    [
      'by a tag, when the registry promises another digest',
      'v1',
      { 'docker-content-digest': `sha256:${'0'.repeat(64)}` },
    ],
  ])('%s is an error', async (_, reference, headers) => {
    const { session } = await sessionWith((_request, response) => send(response, 200, headers, BYTES));
    expect((await userError(() => getManifest(session, reference))).code).toBe('SPK2009');
  });

  test('that is endless stops at the limit', async () => {
    const { session } = await sessionWith((_, response) => {
      response.writeHead(200);
      const fill = (): void => {
        while (response.write(Buffer.alloc(65_536))) {
          // Fills what the connection takes, then waits for more room.
        }
        response.once('drain', fill);
      };
      fill();
    });
    expect((await userError(() => getManifest(session, 'v1'))).message).toContain('larger than 4194304 bytes');
  });

  test('that is cut short is asked for again', async () => {
    let first = true;
    const { registry, session } = await sessionWith((_, response) => {
      if (first) {
        first = false;
        response.writeHead(200, { 'content-length': BYTES.byteLength });
        response.write(BYTES.subarray(0, 5), () => response.destroy());
      } else {
        send(response, 200, {}, BYTES);
      }
    });
    expect((await getManifest(session, 'v1')).bytes).toEqual(BYTES);
    expect(registry.requests).toHaveLength(2);
  });

  test('that does not exist names it', async () => {
    const { session } = await sessionWith((_, response) => send(response, 404));
    const error = await userError(() => getManifest(session, 'v9'));
    expect([error.code, error.message]).toEqual(['SPK2007', 'the registry has no manifest me/app v9']);
  });
});

describe('putting a manifest', () => {
  test('sends its media type, again after a failure, and gives its digest', async () => {
    let left = 1;
    const { registry, session } = await sessionWith((_, response) => send(response, left-- > 0 ? 503 : 201, {}));
    expect(await putManifest(session, 'v1', BYTES, OCI_MANIFEST)).toBe(DIGEST);
    expect(registry.requests.map(({ line, headers, body }) => [line, headers['content-type'], body])).toEqual([
      ['PUT /v2/me/app/manifests/v1', OCI_MANIFEST, BYTES],
      ['PUT /v2/me/app/manifests/v1', OCI_MANIFEST, BYTES],
    ]);
  });

  test('that the registry stores under another digest is an error', async () => {
    const { session } = await sessionWith((_, response) =>
      send(response, 201, { 'docker-content-digest': 'sha256:0' }),
    );
    expect((await userError(() => putManifest(session, 'v1', BYTES, OCI_MANIFEST))).message).toContain('instead of');
  });
});
