import { describe, expect, test } from 'vitest';
import { OCI_INDEX } from '../media-types.ts';
import { impatient, send, startFaultRegistry, type FaultRegistry } from '../testing/fault-registry.ts';
import { descriptorOf, image, type Image, serveImage, spinImage } from '../testing/image.ts';
import { inspectApp } from './inspect.ts';

const serving = (stored: Image): Promise<FaultRegistry> =>
  startFaultRegistry((request, response) => {
    if (!serveImage(stored, request, response)) {
      send(response, 404);
    }
  });

const container = image([{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', bytes: Buffer.from('x') }]);

describe('an image that is looked at', () => {
  test('is a Spin app, and nothing but its manifest is fetched', async () => {
    const stored = spinImage({});
    const asked: string[] = [];
    const registry = await startFaultRegistry((request, response) => {
      asked.push(request.line);
      serveImage(stored, request, response);
    });
    await expect(inspectApp(`${registry.host}/me/app:v1`, impatient())).resolves.toEqual({
      reference: `${registry.host}/me/app:v1`,
      digest: stored.digest,
    });
    expect(asked.filter((url) => url.includes('/blobs/'))).toEqual([]);
  });

  test('is an ordinary container image, which no Spin can run', async () => {
    const registry = await serving(container);
    await expect(inspectApp(`${registry.host}/me/app:v1`, impatient())).rejects.toMatchObject({
      code: 'SPK2004',
      message: expect.stringContaining('as an ordinary container image'),
    });
  });

  test('does not exist', async () => {
    const registry = await startFaultRegistry((_request, response) => send(response, 404));
    await expect(inspectApp(`${registry.host}/me/app:nope`, impatient())).rejects.toMatchObject({ code: 'SPK2007' });
  });

  test('is an index, of which the one manifest counts', async () => {
    const stored = spinImage({});
    const entry = descriptorOf('application/vnd.oci.image.manifest.v1+json', stored.manifest);
    const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [entry] }));
    const registry = await startFaultRegistry((request, response) => {
      if (request.line.endsWith('/manifests/v1')) {
        send(response, 200, { 'content-type': OCI_INDEX }, index);
      } else if (!serveImage(stored, request, response)) {
        send(response, 404);
      }
    });
    await expect(inspectApp(`${registry.host}/me/app:v1`, impatient())).resolves.toMatchObject({
      digest: stored.digest,
    });
  });
});
