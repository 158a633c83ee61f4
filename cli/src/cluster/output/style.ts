// Colors, where a terminal shows them and nobody has said no (NO_COLOR, https://no-color.org).
import { styleText } from 'node:util';
import type { Console } from '../../console.ts';

export type Tone = 'good' | 'bad' | 'waiting' | 'dim';
export type Paint = (tone: Tone, text: string) => string;

const COLORS = { good: 'green', bad: 'red', waiting: 'yellow', dim: 'dim' } as const;

export function painter({ terminal, env }: Pick<Console, 'terminal' | 'env'>, wanted = true): Paint {
  const colored = wanted && terminal !== undefined && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return (tone, text) => (colored ? styleText(COLORS[tone], text, { validateStream: false }) : text);
}
