// Every function that the host offers is called by a real guest in some test (docs/reference/host-interfaces.md).
import { beforeAll, describe, expect, it } from 'vitest';
import { readOffered, type Offered } from '../../hack/host-interfaces/read.ts';
import { isCalled } from '../../hack/host-interfaces/reference.ts';

/** What has no guest in Rust that calls it, and why. */
const WITHOUT: readonly RegExp[] = [
  // WASI 0.3, and the asynchronous versions of Spin's own interfaces: guests of theirs import whole interfaces.
  /@0\.3\.0/,
  /@3\.0\.0 /,
  /-async$/,
  // Another name of initial-cwd.
  /get-initial-cwd$/,
  // Unstable, and in no SDK.
  /send-informational$/,
];

describe('the functions of the host', () => {
  let offered: Offered;

  beforeAll(async () => {
    offered = await readOffered();
  });

  it('are found, with the guests that call them', () => {
    expect(offered.functions.length).toBeGreaterThan(300);
    const get = offered.functions.find(
      (func) => func.interface === 'fermyon:spin/key-value@2.0.0' && func.name === '[method]store.get',
    );
    expect(get?.guests).toContain('skv');
    expect(offered.tests.get('scalls')).toContain('test/services/cases/redis-commands');
  });

  it('are each called by a guest in Rust that a test runs', () => {
    const uncalled = offered.functions
      .filter((func) => !isCalled(offered, func))
      .map((func) => `${func.interface} ${func.name}`)
      .filter((name) => !WITHOUT.some((pattern) => pattern.test(name)));
    expect(uncalled).toEqual([]);
  });

  it.each(['redis', 'mqtt', 'llm', 'key-value', 'variables'])(
    "of Spin's %s are at hand for a guest in JavaScript",
    (name) => {
      const functions = offered.functions.filter((func) => func.interface === `fermyon:spin/${name}@2.0.0`);
      expect(functions.length).toBeGreaterThan(0);
      expect(functions.filter(({ others }) => !others.some((guest) => guest.startsWith('js')))).toEqual([]);
    },
  );
});
