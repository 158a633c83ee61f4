// wasi:otel/tracing (spin-contract.md §4.12): spans that a guest records by itself, below that of its call; what the host
// does meanwhile lies below them. Where no traces are sent, nothing happens.
import { plain, Trap, type HostInterface } from '../../component/index.ts';
import type { SpanRecord } from '../../telemetry/span.ts';
import type { Guest } from '../guest.ts';
import type { SpanContext, SpanData } from './types.ts';
import { contextOf, Kept, NO_SPAN, spanIdOf, timeOf, toSpanContext } from './values.ts';

export const tracing: HostInterface<Guest> = {
  functions: {
    'on-start': plain(({ call }: Guest, context: SpanContext) => {
      if (call.trace?.guestSpans?.begin(contextOf(context)) === false) {
        throw new Trap('Too many spans were started and not ended');
      }
    }),
    'on-end': plain(({ call }: Guest, span: SpanData) => {
      if (call.trace?.guestSpans?.end(recordOf(span)) === false) {
        throw new Trap('Trying to end a span that was not started');
      }
    }),
    'outer-span-context': plain(({ call }: Guest) => toSpanContext(call.trace?.context)),
  },
  resources: {},
};

function recordOf(span: SpanData): SpanRecord {
  const kept = new Kept();
  const parent = spanIdOf(span.parentSpanId);
  const [name, attributes] = [kept.text(span.name), kept.attributes(span.attributes)];
  const scope = kept.scope(span.instrumentationScope);
  const error = span.status.tag === 'error' ? kept.text(span.status.val) : undefined;
  const events = kept.some(span.events, (event) => ({
    name: kept.text(event.name),
    time: timeOf(event.time),
    attributes: kept.attributes(event.attributes),
  }));
  const links = kept.some(span.links, (link) => ({
    context: contextOf(link.spanContext),
    attributes: kept.attributes(link.attributes),
  }));
  return {
    context: contextOf(span.spanContext),
    parentSpanId: parent === NO_SPAN ? undefined : parent,
    name,
    kind: span.spanKind,
    // Those of `guest` count, which are more exact.
    start: 0,
    end: 0,
    attributes: {},
    events: [],
    error,
    guest: {
      scope,
      attributes,
      events,
      links,
      start: timeOf(span.startTime),
      end: timeOf(span.endTime),
      succeeded: span.status.tag === 'ok',
      dropped: {
        attributes: span.droppedAttributes + lost(span.attributes, Object.keys(attributes).length),
        events: span.droppedEvents + lost(span.events, events.length),
        links: span.droppedLinks + lost(span.links, links.length),
      },
      bytes: kept.bytes,
    },
  };
}

const lost = (all: readonly unknown[], some: number): number => all.length - some;
