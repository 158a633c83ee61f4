// What a dependency may do of what its component may (spin-contract.md §1.6): rprobe tries it for rcaller, and rcaller
// tries the same itself.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ask } from '../conformance/client.ts';
import type { ServedGuest } from '../conformance/serve-guest.ts';
import { dependsOn, serveDependent } from './serve-dependent.ts';

/** Each grant by its name: what is tried with it, the answer, and the call that is denied without. */
const TRIALS = {
  environment: ['env/ROOT', 'of the component\n', 'wasi:cli/environment@0.2.12#get-environment'],
  files: ['file/note.txt', 'from a file\n', 'wasi:filesystem/preopens@0.2.12#get-directories'],
  key_value_stores: ['store/default', 'kept\n', 'fermyon:spin/key-value@2.0.0'],
  allowed_outbound_hosts: ['fetch', '204\n', 'wasi:http/outgoing-handler@0.2.12'],
  variables: ['variable/word', 'hello\n', 'fermyon:spin/variables@2.0.0'],
} as const;
type Grant = keyof typeof TRIALS;
const GRANTS = Object.keys(TRIALS) as Grant[];

let outside: Server;
beforeAll(async () => {
  outside = createServer((_, response) => response.writeHead(204).end());
  await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  outside.closeAllConnections();
  outside.close();
});

const run = { keyValues: new Map([['key', 'kept']]) };

async function serveInheriting(inherit: string): Promise<ServedGuest> {
  const served = await serveDependent(await dependsOn('guests:depend/probe', 'rprobe', inherit), { run });
  onTestFinished(async () => {
    await served.stop();
  });
  return served;
}

/** Whether the one who tries it gets what the grant is for; false when it is stopped by a trap. */
async function may(served: ServedGuest, who: 'ask' | 'own', grant: Grant): Promise<boolean> {
  const [path, expected, denied] = TRIALS[grant];
  const about = grant === 'allowed_outbound_hosts' ? `/127.0.0.1:${(outside.address() as AddressInfo).port}` : '';
  const { status, body } = await ask(served.port, `/${who}/${path}${about}`);
  if (status === 500) {
    expect(served.errors.at(-1)).toContain(`a dependency called ${denied}`);
    expect(served.errors.at(-1)).toContain('which it does not inherit from its component');
    return false;
  }
  expect({ status, body }).toEqual({ status: 200, body: expected });
  return true;
}

async function allowed(served: ServedGuest, who: 'ask' | 'own'): Promise<Grant[]> {
  const granted: Grant[] = [];
  for (const grant of GRANTS) {
    if (await may(served, who, grant)) {
      granted.push(grant);
    }
  }
  return granted;
}

describe('a dependency', () => {
  it('may do nothing of what its component may, unless that is said', async () => {
    const served = await serveInheriting('');
    expect(await allowed(served, 'own')).toEqual(GRANTS);
    expect(await allowed(served, 'ask')).toEqual([]);
    // The traps ended those requests, and nothing else.
    expect(await ask(served.port, '/count')).toMatchObject({ status: 200, body: '1 2\n' });
  });

  it('may do all of it when it inherits all', async () => {
    const served = await serveInheriting(', inherit_configuration = true');
    expect(await allowed(served, 'ask')).toEqual(GRANTS);
  });

  it.each(GRANTS)('may use %s alone when it inherits that', async (grant) => {
    const served = await serveInheriting(`, inherit_configuration = ["${grant}"]`);
    expect(await allowed(served, 'ask')).toEqual([grant]);
    expect(await allowed(served, 'own')).toEqual(GRANTS);
  });

  it('may do all of it when its component says so for all of its dependencies', async () => {
    const served = await serveDependent(await dependsOn('guests:depend/probe', 'rprobe'), { run, inheritAll: true });
    expect(await allowed(served, 'ask')).toEqual(GRANTS);
    await served.stop();
  });
});
