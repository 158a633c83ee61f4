// Every shape of value through a guest that hands it to the host and back: by jco's output and by our linker.
import { assert, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  linkComponent,
  plain,
  prepareComponent,
  type ComponentPlan,
  type HostInterfaces,
} from '../../runtime-node/src/component/index.ts';
import { fixture } from '../guests/fixtures.ts';
import { valuesOf } from './arbitrary-values.ts';
import { JcoHost } from './jco-host.ts';
import { transpileGuest } from './jco-oracle.ts';
import { Recording } from './recording.ts';

const ECHO = 'test:types/echo';
const RUNS = { numRuns: 40 };

/** A host that answers with what it was given; several parameters come back as a list. */
function echoHost(plan: ComponentPlan): HostInterfaces<unknown> {
  const echo = plain((_guest: unknown, ...args: unknown[]) => (args.length > 1 ? args : args[0]));
  const functions = Object.fromEntries(plan.imports.map(({ name }) => [name, echo]));
  return new Map([[ECHO, { functions, resources: {} }]]);
}

describe.each([
  ['roundtrip', 'roundtrip'],
  ['roundtrip-utf16', 'roundtrip-utf16'],
  // jco does not know latin1+utf16; what the guest does is the same.
  ['roundtrip-latin1', 'roundtrip'],
])('%s', async (name, oracle) => {
  const prepared = await prepareComponent(await fixture(name));
  const { plan } = prepared;
  const jco = await transpileGuest(await fixture(oracle));

  it('has functions to try', () => {
    expect(plan.imports.length).toBeGreaterThan(35);
  });

  it.each(plan.imports.map((imported) => [imported.name, imported.type] as const))(
    'passes any %s both ways as jco does',
    (functionName, type) => {
      const params = plan.funcTypes[type]?.params ?? [];
      const ourRecording = new Recording();
      const ours = linkComponent(prepared, ourRecording.around(echoHost(plan))).instantiate({}, 'plain');
      const theirRecording = new Recording();
      const host = new JcoHost(plan, theirRecording.around(echoHost(plan)), {});
      const theirs = jco.instantiate(host.imports);
      assert(
        property(tuple(...params.map((param) => valuesOf(plan, param.type))), (args) => {
          const answer = ours.call(ECHO, functionName, args);
          expect(answer).toEqual(host.call(theirs, ECHO, functionName, type, args));
          expect(answer).toEqual(args.length > 1 ? args : args[0]);
        }),
        RUNS,
      );
      expect(ourRecording.calls).toEqual(theirRecording.calls);
      expect(ourRecording.calls).toHaveLength(RUNS.numRuns);
    },
  );

  it('gives back the memory of each string result', () => {
    const ours = linkComponent(prepared, echoHost(plan)).instantiate({}, 'plain');
    const theirs = jco.instantiate(new JcoHost(plan, echoHost(plan), {}).imports);
    for (const text of ['', 'a', '漢字']) {
      ours.call(ECHO, 'string', [text]);
      theirs[ECHO]?.['string']?.(text);
    }
    expect([ours.call('test:types/stats', 'posts', []), theirs['test:types/stats']?.['posts']?.()]).toEqual([3, 3]);
  });
});
