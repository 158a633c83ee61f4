// What the file server answers for what is there and what is not: guests/static-fileserver through the whole runtime.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../conformance/eventually.ts';
import { serveSite, type Site } from './serve-site.ts';

const FILES = {
  'index.html': '<h1>home</h1>',
  'about.html': '<h1>about</h1>',
  'docs/index.html': '<h1>docs</h1>',
  'docs/a:b/index.html': 'colon',
  'empty-folder/x.txt': 'x',
  'a b/ü.txt': 'spaces and umlauts',
  '100%.txt': 'a percent sign',
  'empty.txt': '',
  '.env': 'SECRET',
  '.git/config': 'SECRET',
  '.well-known/security.txt': 'Contact: a@b.example',
  'spa.html': '<h1>app</h1>',
  '404.html': '<h1>nothing here</h1>',
  'icon.svg': '<svg/>',
  'assets/app.1a2b3c.js': 'let a;',
};

describe('a site', () => {
  let site: Site;

  beforeAll(async () => {
    site = await serveSite(FILES);
  });

  afterAll(() => site?.stop());

  it.each([
    ['/', '<h1>home</h1>'],
    ['/index.html', '<h1>home</h1>'],
    ['/about.html', '<h1>about</h1>'],
    ['/about.html?version=2', '<h1>about</h1>'],
    ['/docs/', '<h1>docs</h1>'],
    ['/docs/index.html', '<h1>docs</h1>'],
    ['/a%20b/%C3%BC.txt', 'spaces and umlauts'],
    ['/100%.txt', 'a percent sign'],
    ['/100%25.txt', 'a percent sign'],
    ['/empty.txt', ''],
    ['//about.html', '<h1>about</h1>'],
    ['/./docs/.//index.html', '<h1>docs</h1>'],
    ['/.well-known/security.txt', 'Contact: a@b.example'],
  ])('has %s', async (path, content) => {
    const { status, body, headers } = await site.get(path);
    expect([status, body.toString(), headers['content-length']]).toEqual([200, content, String(content.length)]);
  });

  it.each([
    ['/docs', './docs/'],
    ['/docs?a=1&b', './docs/?a=1&b'],
    ['/docs/a:b', './a:b/'],
    ['/docs/a%3Ab', './a%3Ab/'],
    // Read as a reference, neither leaves the site.
    ['//docs', './docs/'],
  ])('sends %s to the form with a slash', async (path, location) => {
    const { status, headers } = await site.get(path);
    expect([status, headers.location]).toEqual([301, location]);
    expect(new URL(location, `http://site.example${path}`).host).toBe('site.example');
  });

  it.each([
    '/nothing',
    '/about.html/',
    '/docs/nothing',
    '/empty-folder/',
    '/empty-folder',
    '/.env',
    '/.git/config',
    '/%2eenv',
    '//evil.example/../docs',
  ])('has no %s', async (path) => {
    const { status, headers, body } = await site.get(path);
    expect([status, body.toString()]).toEqual([404, 'Not Found']);
    expect(headers).toMatchObject({ 'content-type': 'text/plain; charset=utf-8', 'content-length': '9' });
    expect(headers.etag).toBeUndefined();
  });

  it('answers HEAD as GET, without the content', async () => {
    for (const path of ['/', '/about.html', '/nothing', '/empty.txt']) {
      const [get, head] = [await site.get(path), await site.ask(path, { method: 'HEAD' })];
      expect([head.status, head.headers]).toEqual([get.status, get.headers]);
      expect(head.body.length).toBe(0);
    }
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'])('refuses %s', async (method) => {
    const { status, headers } = await site.ask('/', { method });
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  it('lets caches keep files for a minute, as the file server of Spin does, and browsers not guess', async () => {
    expect((await site.get('/')).headers).toMatchObject({
      'cache-control': 'max-age=60',
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
    });
  });

  it('writes nothing into the log', () => {
    expect([site.output(), site.errors]).toEqual(['', []]);
  });
});

describe('the ending of a name', () => {
  const TYPES = [
    ['page.html', 'text/html; charset=utf-8'],
    ['PAGE.HTM', 'text/html; charset=utf-8'],
    ['style.css', 'text/css; charset=utf-8'],
    ['app.js', 'text/javascript; charset=utf-8'],
    ['app.mjs', 'text/javascript; charset=utf-8'],
    ['app.js.map', 'application/json'],
    ['data.json', 'application/json'],
    ['app.wasm', 'application/wasm'],
    ['app.webmanifest', 'application/manifest+json'],
    ['feed.xml', 'application/xml'],
    ['a.svg', 'image/svg+xml'],
    ['a.png', 'image/png'],
    ['a.jpeg', 'image/jpeg'],
    ['a.jpg', 'image/jpeg'],
    ['a.webp', 'image/webp'],
    ['a.avif', 'image/avif'],
    ['favicon.ico', 'image/vnd.microsoft.icon'],
    ['a.woff2', 'font/woff2'],
    ['a.ttf', 'font/ttf'],
    ['a.mp4', 'video/mp4'],
    ['a.webm', 'video/webm'],
    ['a.mp3', 'audio/mpeg'],
    ['a.m3u8', 'application/vnd.apple.mpegurl'],
    ['a.pdf', 'application/pdf'],
    ['a.zip', 'application/zip'],
    ['a.tar.gz', 'application/gzip'],
    ['a.csv', 'text/csv; charset=utf-8'],
    ['a.md', 'text/markdown; charset=utf-8'],
    ['a.txt', 'text/plain; charset=utf-8'],
    ['a.docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
    ['a.glb', 'model/gltf-binary'],
    ['LICENSE', 'text/plain; charset=utf-8'],
    ['apple-app-site-association', 'application/json'],
    ['no-ending', 'application/octet-stream'],
    ['ends-with.', 'application/octet-stream'],
    ['a.unheard-of', 'application/octet-stream'],
    // The endings of one type stand in one text, separated by spaces.
    ['a.htm html', 'application/octet-stream'],
    ['a. ', 'application/octet-stream'],
  ] as const;
  let site: Site;

  beforeAll(async () => {
    site = await serveSite(Object.fromEntries(TYPES.map(([name]) => [`types/${name}`, 'x'])));
  });

  afterAll(() => site?.stop());

  it.each(TYPES)('%s is of type %s', async (name, type) => {
    expect((await site.get(`/types/${encodeURIComponent(name)}`)).headers['content-type']).toBe(type);
  });
});

describe('settings', () => {
  const open: Site[] = [];
  const siteWith = async (environment: Readonly<Record<string, string>>, route = '/...'): Promise<Site> => {
    const site = await serveSite(FILES, { environment, route });
    open.push(site);
    return site;
  };

  afterAll(async () => {
    for (const site of open) {
      await site.stop();
    }
  });

  it('FALLBACK_PATH stands in, with 200, for what is not there', async () => {
    const site = await siteWith({ FALLBACK_PATH: 'spa.html', CUSTOM_404_PATH: '404.html' });
    for (const path of ['/user/42', '/../x', '/empty-folder/', '/.env']) {
      const { status, body, headers } = await site.get(path);
      expect([path, status, body.toString()]).toEqual([path, 200, '<h1>app</h1>']);
      expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', etag: expect.any(String) });
    }
    expect((await site.get('/about.html')).body.toString()).toBe('<h1>about</h1>');
  });

  it('CUSTOM_404_PATH is the page of a 404', async () => {
    const site = await siteWith({ CUSTOM_404_PATH: '/404.html' });
    const { status, body, headers } = await site.get('/nothing', { range: 'bytes=0-3', 'if-none-match': '*' });
    expect([status, body.toString()]).toEqual([404, '<h1>nothing here</h1>']);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect((await site.ask('/nothing', { method: 'HEAD' })).status).toBe(404);
  });

  it('a setting that names nothing is as none', async () => {
    const site = await siteWith({ FALLBACK_PATH: 'gone.html', CUSTOM_404_PATH: 'docs', FAVICON_PATH: '' });
    const { status, body } = await site.get('/nothing');
    expect([status, body.toString()]).toEqual([404, 'Not Found']);
  });

  it('a setting never leaves the mount', async () => {
    const site = await siteWith({ FALLBACK_PATH: '../spin.toml', CUSTOM_404_PATH: '/../../../etc/passwd' });
    const { status, body } = await site.get('/nothing');
    expect([status, body.toString()]).toEqual([404, 'Not Found']);
  });

  it('FAVICON_PATH is the icon of a site that has none by that name', async () => {
    const site = await siteWith({ FAVICON_PATH: 'icon.svg' });
    for (const path of ['/favicon.ico', '/favicon.png', '/docs/favicon.ico']) {
      const { status, headers } = await site.get(path);
      expect([status, headers['content-type']]).toEqual([200, 'image/svg+xml']);
    }
  });

  it('CACHE_CONTROL is said of every file, and IMMUTABLE_PATHS never change', async () => {
    const site = await siteWith({ CACHE_CONTROL: 'no-cache', IMMUTABLE_PATHS: '/assets/, static/' });
    const said = async (path: string): Promise<unknown> => (await site.get(path)).headers['cache-control'];
    expect(await said('/')).toBe('no-cache');
    expect(await said('/docs')).toBe('no-cache');
    expect(await said('/assets/app.1a2b3c.js')).toBe('public, max-age=31536000, immutable');
  });

  it('a CACHE_CONTROL that no header can hold is left out and named in the log', async () => {
    const site = await siteWith({ CACHE_CONTROL: 'no\ncache' });
    const { status, headers } = await site.get('/');
    expect([status, headers['cache-control']]).toEqual([200, undefined]);
    await eventually(() => site.output().includes('may have the value that is set for cache-control'));
  });

  it('HIDDEN_FILES shows names that begin with a dot', async () => {
    const site = await siteWith({ HIDDEN_FILES: 'true' });
    expect((await site.get('/.env')).body.toString()).toBe('SECRET');
  });

  it('below a route of its own it serves what comes after the route', async () => {
    const site = await siteWith({}, '/static/...');
    expect((await site.get('/static/about.html')).body.toString()).toBe('<h1>about</h1>');
    expect((await site.get('/static/')).body.toString()).toBe('<h1>home</h1>');
    expect((await site.get('/static')).headers.location).toBe('./static/');
    expect((await site.get('/static/docs')).headers.location).toBe('./docs/');
    expect((await site.get('/about.html')).status).toBe(404);
  });

  it('on an exact route it serves the file of that path', async () => {
    const site = await siteWith({}, '/about.html');
    expect((await site.get('/about.html')).body.toString()).toBe('<h1>about</h1>');
    // A folder of an exact route has no other form that is routed.
    const folder = await siteWith({}, '/docs');
    expect((await folder.get('/docs')).body.toString()).toBe('<h1>docs</h1>');
  });

  it('believes the runtime about the route, and not the client', async () => {
    const site = await siteWith({}, '/static/...');
    const { body } = await site.get('/static/about.html', {
      'spin-path-info': '/docs/index.html',
      'spin-raw-component-route': '/x',
    });
    expect(body.toString()).toBe('<h1>about</h1>');
  });
});

it('several mounts are one site', async () => {
  const site = await serveSite(
    { 'index.html': 'home', 'a/own.txt': 'own', 'ab.txt': 'beside' },
    { mounts: { '/a/b': 'more' }, beside: { 'more/index.html': 'more', 'more/c.txt': 'c' } },
  );
  try {
    const answers: Record<string, string> = {};
    for (const path of ['/', '/a/own.txt', '/a/b/', '/a/b/c.txt', '/ab.txt', '/a/bc.txt']) {
      const { status, body } = await site.get(path);
      answers[path] = status === 200 ? body.toString() : String(status);
    }
    expect(answers).toEqual({
      '/': 'home',
      '/a/own.txt': 'own',
      '/a/b/': 'more',
      '/a/b/c.txt': 'c',
      '/ab.txt': 'beside',
      '/a/bc.txt': '404',
    });
    expect((await site.get('/a/b')).headers.location).toBe('./b/');
  } finally {
    await site.stop();
  }
});
