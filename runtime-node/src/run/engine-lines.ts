// What the operator reads at start of how the engine works here.
import type { ComponentEngine } from '../metrics/meters.ts';

/** The mode of most components, then those in another. `atOnce`: all threads have begun. */
export function engineLines(engine: readonly ComponentEngine[], threads: number, atOnce: boolean): string[] {
  const most = mostFrequent(engine.map(describe));
  const others = engine.filter((component) => describe(component) !== most);
  return [
    `Engine: ${most ?? 'nothing to reset'}, ${atOnce || threads === 1 ? '' : 'up to '}${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    ...others.map((component) => `  ${component.component}: ${describe(component)}`),
  ];
}

function describe({ mode, reason }: ComponentEngine): string {
  const how = mode === 'fresh' ? 'new instances for each request' : `reset by ${mode}`;
  return reason === undefined ? how : `${how} (${reason})`;
}

/** The first of those that are equally frequent. */
function mostFrequent(texts: readonly string[]): string | undefined {
  const counts = Map.groupBy(texts, (text) => text);
  return [...counts].toSorted(([, left], [, right]) => right.length - left.length)[0]?.[0];
}
