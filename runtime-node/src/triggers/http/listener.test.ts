import { expect, it } from 'vitest';
import { DEFAULT_MAX_HEADER_BYTES } from './address.ts';
import { createListener } from './listener.ts';

it('a client has a minute for the head of a request, and for its body as long as it likes', () => {
  const address = { host: '127.0.0.1', port: 0 };
  const options = { address, findFreePort: false, maxHeaderBytes: DEFAULT_MAX_HEADER_BYTES };
  const { headersTimeout, requestTimeout } = createListener(options, () => {});
  expect({ headersTimeout, requestTimeout }).toEqual({ headersTimeout: 60_000, requestTimeout: 0 });
});
