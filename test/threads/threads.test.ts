// What the threads of one process have in common, on the real command: address, stores, logs, counts, the end.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { appFolder, manifest, type AppFolder } from '../../cli/src/testing/app-folder.ts';
import { selfSigned } from '../certificates/self-signed.ts';
import { ask } from '../conformance/client.ts';
import { fixture } from '../guests/fixtures.ts';

const THREADS = ['--threads', '3'];

const appOf = async (guest: string, table = ''): Promise<AppFolder> =>
  appFolder({ 'spin.toml': manifest({ [guest]: { table } }), [`${guest}.wasm`]: await fixture(guest) });

const portOf = (url: string): number => Number(new URL(url).port);

/** So many requests at once, each on a connection of its own, so that they come to all threads. */
const together = <T>(count: number, request: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => request(index)));

const EVENTUALLY = { interval: 100, timeout: 30_000 };

/** `spindle_threads` becomes 3 a moment after the address is announced. */
async function allServe(metrics: string): Promise<void> {
  await expect.poll(async () => await (await fetch(metrics)).text(), EVENTUALLY).toContain('spindle_threads 3');
}

const DROPPED = ' bytes of output dropped: the log takes it too slowly\n';

const METRICS = /^Serving metrics at (\S+)$/m;
const METERED = [...THREADS, '--metrics-listen', '127.0.0.1:0'];

interface Handshake {
  readonly resumed: boolean;
  /** For a later one. */
  readonly session: Buffer | undefined;
}

/** With one request, since the session comes after the handshake. */
async function handshake(port: number, session?: Buffer): Promise<Handshake> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ...(session === undefined ? {} : { session }),
  });
  let seen: Buffer | undefined;
  socket.on('session', (next: Buffer) => (seen = next));
  await once(socket, 'secureConnect');
  const resumed = socket.isSessionReused();
  socket.write('GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
  socket.resume();
  await once(socket, 'close');
  return { resumed, session: seen };
}

describe('the threads of a process', () => {
  it('share a store in memory, and what was put into it before the start', async () => {
    const folder = await appOf('skv', 'key_value_stores = ["default"]');
    const running = folder.up([...METERED, '--state-dir', '', '--key-value', 'given=at the start']);
    const [, metrics = ''] = await running.printed(METRICS, 'stderr');
    const port = portOf(await running.serving());
    await allServe(metrics);
    await together(20, (index) => ask(port, `/set/key${index}?value${index}`));
    const seen = await together(20, (index) => ask(port, `/get/key${index}`));
    expect(seen.map(({ body }) => body)).toEqual(Array.from({ length: 20 }, (_, index) => `Some("value${index}")\n`));
    const given = await together(12, () => ask(port, '/get/given'));
    expect(new Set(given.map(({ body }) => body))).toEqual(new Set(['Some("at the start")\n']));
  });

  it('write what their guests print to one file, each piece whole and once', async () => {
    const folder = await appOf('renv');
    const running = folder.up([...METERED, '--quiet']);
    const [, metrics = ''] = await running.printed(METRICS, 'stderr');
    const port = portOf(await running.serving());
    await allServe(metrics);
    await together(30, (index) => ask(port, `/print?out=printed-${index}`));
    expect(await running.stop()).toMatchObject({ code: 0 });
    const lines = (await readFile(join(folder.path, '.spin/logs/renv_stdout.txt'), 'utf8')).trimEnd().split('\n');
    expect(lines.toSorted()).toEqual(Array.from({ length: 30 }, (_, index) => `printed-${index}`).toSorted());
  });

  it('keep the order of what one guest prints', async () => {
    const folder = await appOf('renv');
    const running = folder.up([...THREADS, '--quiet']);
    await ask(portOf(await running.serving()), '/print?lines=2000');
    expect(await running.stop()).toMatchObject({ code: 0 });
    const lines = (await readFile(join(folder.path, '.spin/logs/renv_stdout.txt'), 'utf8')).trimEnd().split('\n');
    expect(lines).toEqual(Array.from({ length: 2000 }, (_, index) => `out line ${index + 1}`));
  });

  it('drop what a reader of stderr does not take, and say how much, in place of keeping it', async () => {
    const folder = await appOf('renv');
    const running = folder.up([...METERED, '--log-dir', '']);
    const [, metrics = ''] = await running.printed(METRICS, 'stderr');
    const port = portOf(await running.serving());
    await allServe(metrics);
    running.child.stderr?.pause();
    // Twice what all threads together may have on the way, and the pipe.
    for (let count = 0; count < 32; count += 1) {
      expect(await ask(port, '/print?bytes=1000000')).toMatchObject({ status: 200 });
    }
    running.child.stderr?.resume();
    // Looked at now and then: to match all that has come, at each piece that comes, would take longer than to read it.
    await expect.poll(() => running.stderr.includes(DROPPED), EVENTUALLY).toBe(true);
    expect(running.stderr).toMatch(new RegExp(`\\d+${DROPPED}`));
    expect(running.stderr.length).toBeLessThan(16_000_000);
    // Each thread has a gap of its own, and what it prints before that is told belongs to it.
    const afterwards = async (): Promise<boolean> => {
      await ask(port, '/print?err=afterwards');
      return running.stderr.includes('afterwards');
    };
    await expect.poll(afterwards, EVENTUALLY).toBe(true);
    expect(await running.stop()).toMatchObject({ code: 0 });
  });

  it("resume each other's TLS sessions", async () => {
    const folder = await appOf('rhello');
    const { key, cert } = selfSigned();
    await folder.write('own.key', key);
    await folder.write('own.crt', cert);
    const running = folder.up([...METERED, '--tls-cert', 'own.crt', '--tls-key', 'own.key']);
    const [, metrics = ''] = await running.printed(METRICS, 'stderr');
    const port = portOf(await running.serving());
    await allServe(metrics);
    const first = await handshake(port);
    const later = await together(12, () => handshake(port, first.session));
    expect([first.resumed, ...later.map(({ resumed }) => resumed)]).toEqual([false, ...later.map(() => true)]);
  });

  it('all finish what they have begun when the process is asked to stop', async () => {
    const folder = await appOf('rchunks');
    const running = folder.up(METERED);
    const [, metrics = ''] = await running.printed(METRICS, 'stderr');
    const url = await running.serving();
    await allServe(metrics);
    const responses = await together(12, () => fetch(`${url}/?count=3&size=5&ms=100`));
    const stopped = running.stop();
    expect(await Promise.all(responses.map((response) => response.text()))).toEqual(
      responses.map(() => 'aaaaabbbbbccccc'),
    );
    expect(await stopped).toMatchObject({ code: 0 });
  });
});

describe('the metrics of a process', () => {
  it('are the sum of what its threads have counted, up to the last request', async () => {
    const folder = await appFolder({
      'spin.toml': manifest({ rtrap: { route: '/...' }, rhello: { route: '/hello' } }),
      'rtrap.wasm': await fixture('rtrap'),
      'rhello.wasm': await fixture('rhello'),
    });
    const running = folder.up([...METERED, '--max-instance-memory', '67108864']);
    const [, metrics = ''] = await running.printed(METRICS, 'stderr');
    const port = portOf(await running.serving());
    await allServe(metrics);
    await together(20, () => ask(port, '/hello'));
    await together(5, () => ask(port, '/oom'));
    await together(2, () => ask(port, '/.well-known/spin/health'));
    const text = await (await fetch(metrics)).text();
    for (const line of [
      'spindle_http_requests_total{component="rhello",status="2xx"} 20',
      'spindle_http_requests_total{component="rtrap",status="5xx"} 5',
      'spindle_http_request_duration_seconds_count{component="rhello"} 20',
      'spindle_instances{component="rhello",state="suspended"} 0',
      'spindle_queue_length 0',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(text).toMatch(/^spindle_engine_info\{component="rhello",mode="\w+",reason="[^"]*"\} 1$/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
  });
});

describe('a thread whose guest never ends', () => {
  it('holds up nobody else, is replaced, and then serves again; clients only see their own request end', async () => {
    const folder = await appFolder({
      'spin.toml': manifest({ rtrap: { route: '/...' }, rhello: { route: '/alive' } }),
      'rtrap.wasm': await fixture('rtrap'),
      'rhello.wasm': await fixture('rhello'),
    });
    const running = folder.up([...METERED, '--stall-timeout', '1s']);
    const [, metrics = ''] = await running.printed(METRICS, 'stderr');
    const port = portOf(await running.serving());
    await allServe(metrics);
    const stuck = await together(3, () => ask(port, '/loop'));
    expect(stuck.map(({ status }) => status)).toEqual([undefined, undefined, undefined]);
    expect(await together(9, () => ask(port, '/alive'))).toEqual(
      Array.from({ length: 9 }, () => expect.objectContaining({ status: 200 }) as unknown),
    );
    const lines = running.stderr.split('\n').filter((line) => line.includes('is replaced'));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(line).toMatch(
        /^Thread \d+ is replaced: component "rtrap" has run for \d+\.\d s .* the thread stall limit of 1 s was reached/,
      );
    }
    await allServe(metrics);
    expect(await (await fetch(metrics)).text()).toContain(
      `spindle_thread_restarts_total{reason="Stalled"} ${lines.length}`,
    );
    expect(await running.stop()).toMatchObject({ code: 0 });
  });
});
