// Odd and hostile components, one by one: each works, the same in every reset mode, or is refused at start by name.
import { describe, expect, it } from 'vitest';
import type { ResetMode } from '../../runtime-node/src/component/reset/index.ts';
import { refused, works, type Answer, type Refused, type Works } from './corpus/index.ts';
import { engineOf, modesHere, prepareWat, type Engine } from './engines.ts';
import { outcomeOf } from './outcome.ts';

const wanted = (answer: Answer): unknown => (typeof answer === 'bigint' ? { value: answer } : answer);

function callsOf({ calls }: Works, { linked }: Engine<object>): void {
  for (const [n, answer] of [...calls, ...calls]) {
    const instance = linked.instantiate({}, 'plain');
    const outcome = outcomeOf(() => instance.call('', 'run', [n]));
    instance.dispose();
    instance.release();
    expect([n, outcome]).toEqual([n, wanted(answer)]);
  }
}

describe.each(modesHere)('with instances put back by %s', (mode) => {
  it.each(works.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    using engine = engineOf(await prepareWat(one.text), { mode, ...pick(one) });
    callsOf(one, engine);
    const { reset } = engine.linked;
    expect(reset.mode).toBe(one.obstacle === undefined ? mode : 'fresh');
    // Where nothing is put back anyway, no other reason is given.
    expect(reset.reason ?? '').toMatch((mode === 'fresh' ? undefined : one.obstacle) ?? /^/);
    expect(engine.watch.differences).toBe(0);
  });

  it.each(refused.map((one) => [one.name, one] as const))('refuses %s', async (_name, one) => {
    await expect(start(one, mode)).rejects.toThrow(one.refused);
  });
});

async function start(one: Refused, mode: ResetMode): Promise<void> {
  using engine = engineOf(await prepareWat(one.text), { mode, ...pick(one) });
  throw new Error(`it started, put back by ${engine.linked.reset.mode}`);
}

const pick = ({ instanceMemory }: { readonly instanceMemory?: number }): { readonly instanceMemory?: number } =>
  instanceMemory === undefined ? {} : { instanceMemory };
