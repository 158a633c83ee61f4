// Spans on their way out of a serving thread: bounded, one batch at a time; and those of a call that is made again.
import { describe, expect, it } from 'vitest';
import { PassedOn, RecordedCall } from './call-trace.ts';
import { MAX_ITEMS, Outgoing, type TelemetryBatch } from './outgoing.ts';
import { Tracer } from './tracer.ts';
import type { TraceContext } from './trace-context.ts';

function tracer() {
  const batches: TelemetryBatch[] = [];
  const later: (() => void)[] = [];
  const outgoing = new Outgoing({
    send: (batch) => batches.push(batch),
    later: (then) => later.push(then),
  });
  const made = new Tracer((_id, parent) => parent === undefined || parent.flags === 1, outgoing.span);
  return { made, outgoing, batches, turn: () => later.splice(0).forEach((then) => then()) };
}

const START = { name: 'x', kind: 'internal' } as const;
const PARENT: TraceContext = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), flags: 1, state: 'a=1' };

describe('a tracer', () => {
  it('sends one batch at a time', () => {
    const { made, outgoing, batches, turn } = tracer();
    made.begin(START, undefined).end();
    turn();
    made.begin(START, undefined).end();
    turn();
    expect(batches.length).toBe(1);
    outgoing.taken();
    expect(batches.map(({ spans }) => spans.length)).toEqual([1, 1]);
  });

  it('keeps no more than it may, and says how many it lost', () => {
    const { made, batches, turn } = tracer();
    for (let index = 0; index < MAX_ITEMS + 5; index += 1) {
      made.begin(START, undefined).end();
    }
    turn();
    expect(batches.map(({ spans, dropped }) => [spans.length, dropped])).toEqual([[MAX_ITEMS, 5]]);
  });

  it('gives a span its parent, or a trace of its own, and ends it once', () => {
    const { made, batches, turn } = tracer();
    const child = made.begin(START, PARENT);
    made.begin(START, undefined).end('broken');
    child.end();
    child.end('too late');
    turn();
    const [root, other] = batches[0]?.spans ?? [];
    expect(other).toMatchObject({ context: { traceId: PARENT.traceId, state: 'a=1' }, parentSpanId: PARENT.spanId });
    expect(root).toMatchObject({ parentSpanId: undefined, error: 'broken' });
    expect(batches[0]?.spans.length).toBe(2);
  });

  it('says nothing of a trace that is not recorded', () => {
    const { made, batches, turn } = tracer();
    made.begin(START, { ...PARENT, flags: 0 }).end();
    turn();
    expect(batches).toEqual([]);
  });
});

describe('a recorded call', () => {
  const start = { component: 'c', inbound: PARENT, parent: PARENT, printsEvents: true };

  it('that is made again shows what it did the second time', () => {
    const { made, batches, turn } = tracer();
    const call = new RecordedCall(made, start);
    call.begin({ name: 'first', kind: 'client' }).end();
    call.printed(Buffer.from('once'));
    call.restart();
    call.begin({ name: 'second', kind: 'client' }).end();
    call.printed(Buffer.from('twice'));
    call.executed();
    turn();
    expect(batches[0]?.spans.map(({ name }) => name)).toEqual(['execute_wasm_component c', 'second']);
    expect(batches[0]?.spans[0]?.events.map(({ attributes }) => attributes)).toEqual([{ app_log: 'twice' }]);
  });

  it('tells a span of the guest from the one that the guest hands on', () => {
    const call = new RecordedCall(tracer().made, start);
    const of = (trace: string, span: string) => call.ownContext([['traceparent', `00-${trace}-${span}-01`]]);
    expect(of(PARENT.traceId, PARENT.spanId)).toBeUndefined();
    expect(of('3'.repeat(32), '4'.repeat(16))).toBeUndefined();
    expect(of(PARENT.traceId, '4'.repeat(16))?.spanId).toBe('4'.repeat(16));
  });
});

describe('a call of which nothing is recorded', () => {
  const inbound = [['traceparent', `00-${PARENT.traceId}-${PARENT.spanId}-01`]] as const;

  it('hands on what it came with, unless the guest says something else', () => {
    const call = new PassedOn(inbound);
    const own = [['traceparent', `00-${PARENT.traceId}-${'4'.repeat(16)}-01`]] as const;
    expect(call.outgoing([])).toEqual(inbound);
    expect(call.outgoing(own)).toBe(own);
    expect(new PassedOn([]).outgoing([])).toEqual([]);
  });
});
