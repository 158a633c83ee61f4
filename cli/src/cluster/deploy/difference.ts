// `deploy --diff`: the spec before and after as YAML, line by line.
import { stringify } from 'yaml';
import type { Console } from '../../console.ts';
import type { ClusterFlags } from '../options.ts';
import { painter } from '../output/style.ts';
import type { LiveApp } from '../resources.ts';
import { lineDifference } from './line-difference.ts';

/** Whether there is one. */
export function printDifference(
  before: LiveApp | undefined,
  after: LiveApp,
  { color }: Pick<ClusterFlags, 'color'>,
  console: Console,
): boolean {
  const lines = lineDifference(linesOf(before), linesOf(after));
  if (lines.every(({ sign }) => sign === ' ')) {
    return false;
  }
  const paint = painter(console, color);
  for (const { sign, text } of lines) {
    console.out(sign === ' ' ? `  ${text}` : paint(sign === '+' ? 'good' : 'bad', `${sign} ${text}`));
  }
  return true;
}

const linesOf = (app: LiveApp | undefined): string[] =>
  app === undefined
    ? []
    : stringify({ metadata: metadataOf(app), spec: app.spec }, { lineWidth: 0 })
        .trimEnd()
        .split('\n');

/** What the command line can change of it. */
const metadataOf = ({ metadata: { name, namespace, labels, annotations } }: LiveApp): object => ({
  name,
  namespace,
  ...(labels === undefined ? {} : { labels }),
  ...(annotations === undefined ? {} : { annotations }),
});
