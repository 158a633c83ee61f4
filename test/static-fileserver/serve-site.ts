// Serves a folder of files with guests/static-fileserver through the whole runtime, and asks for them byte by byte.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { serveManifest } from '../conformance/serve-manifest.ts';

export const FILE_SERVER = resolve(import.meta.dirname, '../../guests/static-fileserver/static-fileserver.wasm');

/** One for all sites of all runs: what is prepared of the file server is found by its digest. */
const CACHE = join(tmpdir(), 'spindle-site-cache');

export interface SiteOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: all paths. */
  readonly route?: string;
  /** Further folders of the app that are mounted, by where. */
  readonly mounts?: Readonly<Record<string, string>>;
  /** Files of the app's folder beside the site. */
  readonly beside?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  /** Without `date`. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

export interface Site {
  get(path: string, headers?: Asked['headers']): Promise<Answer>;
  ask(path: string, asked?: Asked): Promise<Answer>;
  readonly errors: readonly string[];
  output(): string;
  stop(): Promise<void>;
}

export async function serveSite(
  files: Readonly<Record<string, string | Uint8Array>>,
  { environment = {}, route = '/...', mounts = {}, beside = {} }: SiteOptions = {},
): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'spindle-site-'));
  const write = async (path: string, content: string | Uint8Array): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  };
  await mkdir(join(folder, 'site'));
  for (const [path, content] of Object.entries(files)) {
    await write(join('site', path), content);
  }
  for (const [path, content] of Object.entries(beside)) {
    await write(path, content);
  }
  const mounted = Object.entries({ '/': 'site', ...mounts }).map(
    ([at, source]) => `{ source = ${JSON.stringify(source)}, destination = ${JSON.stringify(at)} }`,
  );
  const variables = Object.entries(environment).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  await write(
    'spin.toml',
    `spin_manifest_version = 2
[application]
name = "site"
[[trigger.http]]
route = ${JSON.stringify(route)}
component = "site"
[component.site]
source = ${JSON.stringify(FILE_SERVER)}
files = [${mounted.join(', ')}]
environment = { ${variables.join(', ')} }
`,
  );
  const served = await serveManifest(join(folder, 'spin.toml'), { cacheDir: CACHE });
  const ask = (path: string, asked: Asked = {}): Promise<Answer> => exchange(served.port, path, asked);
  return {
    ask,
    get: (path, headers = {}) => ask(path, { headers }),
    errors: served.errors,
    output: served.output,
    stop: async () => {
      await served.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The path goes out as it is. */
export function exchange(port: number, path: string, { method = 'GET', headers = {} }: Asked = {}): Promise<Answer> {
  return new Promise((done, reject) => {
    const client = request({ port, host: '127.0.0.1', path, method, headers, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        const { date: _, ...fields } = response.headers;
        done({ status: response.statusCode ?? 0, headers: fields, body: Buffer.concat(pieces) });
      });
    });
    client.on('error', reject);
    client.end();
  });
}
