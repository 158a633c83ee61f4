// examples/polyglot: Rust that uses Python and JavaScript, one component at run time.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask } from '../conformance/client.ts';
import { serveManifest, type Served } from '../conformance/serve-manifest.ts';
import { fixturePath } from '../guests/fixtures.ts';

const EXAMPLE = join(import.meta.dirname, '../../examples/polyglot');

let folder: string;
let served: Served;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spindle-polyglot-'));
  for (const name of ['spin.toml', 'wasm/rust.wasm', 'wasm/js.wasm']) {
    await cp(join(EXAMPLE, name), join(folder, name));
  }
  // As built from the example, and kept packed because of its size.
  await cp(await fixturePath('polyglot-python'), join(folder, 'wasm/python.wasm'));
  served = await serveManifest(join(folder, 'spin.toml'));
});
afterAll(async () => {
  await served.stop();
  await rm(folder, { recursive: true });
});

it('Rust answers with what Python has computed and JavaScript has rendered', async () => {
  expect(await ask(served.port, '/?n=3,4,8.5')).toMatchObject({
    status: 200,
    body: `<!doctype html>
<title>Numbers</title>
<p>3, 4, 8.5
<table>
<tr><th>numbers<td>3
<tr><th>mean<td>5.17
<tr><th>median<td>4
<tr><th>deviation<td>2.93
</table>
<p>Page 1 of this JavaScript.
`,
  });
});

it('an error of Python is a value in Rust', async () => {
  expect(await ask(served.port, '/?n=3')).toMatchObject({ status: 422, body: 'Give two numbers at least.\n' });
});

it('each request meets a fresh state in every language', async () => {
  const numbers = Array.from({ length: 12 }, (_, index) => index);
  const pages = await Promise.all(numbers.map((index) => ask(served.port, `/?n=${index},${index + 2}`)));
  expect(pages.map(({ body }) => /mean<td>(\S+)[^]*Page (\d+)/.exec(body ?? '')?.slice(1))).toEqual(
    numbers.map((index) => [String(index + 1), '1']),
  );
});
