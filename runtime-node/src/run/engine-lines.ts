// What the operator reads at start of how the engine works here.
import type { ComponentEngine } from '../metrics/meters.ts';

/** The mode of most components, then those in another. */
export function engineLines(engine: readonly ComponentEngine[], threads: number): string[] {
  const most = mostFrequent(engine.map(describe));
  const others = engine.filter((component) => describe(component) !== most);
  return [
    `Engine: ${most === undefined ? 'nothing to reset' : `reset by ${most}`}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    ...others.map((component) => `  ${component.component}: reset by ${describe(component)}`),
  ];
}

const describe = ({ mode, reason }: ComponentEngine): string => (reason === undefined ? mode : `${mode} (${reason})`);

/** The first of those that are equally frequent. */
function mostFrequent(texts: readonly string[]): string | undefined {
  const counts = Map.groupBy(texts, (text) => text);
  return [...counts].toSorted(([, left], [, right]) => right.length - left.length)[0]?.[0];
}
