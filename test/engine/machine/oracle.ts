// The same guest as its author wrote it, run by V8 alone in new instances: what every answer has to be.
import { parse } from '@bytecodealliance/jco';
import { outcomeOf, type Outcome } from '../outcome.ts';
import { argumentsOf, type Step } from './operations.ts';
import { modulesOf, type Shape } from './shape.ts';

export async function oracleFor(shape: Shape): Promise<(request: readonly Step[]) => Outcome[]> {
  const modules = await Promise.all(
    modulesOf(shape).map(async (text) => new WebAssembly.Module((await parse(text)) as Uint8Array<ArrayBuffer>)),
  );
  return (request) => {
    let exports: WebAssembly.Exports = {};
    for (const module of modules) {
      exports = new WebAssembly.Instance(module, { a: exports as Record<string, WebAssembly.ExportValue> }).exports;
    }
    const op = exports['op'] as (...args: number[]) => bigint;
    return answersTo(request, (step) => BigInt.asUintN(64, op(...argumentsOf(step))));
  };
}

/** Up to the first trap, as nothing can be called after it. */
export function answersTo(request: readonly Step[], run: (step: Step) => unknown): Outcome[] {
  const outcomes: Outcome[] = [];
  for (const step of request) {
    const outcome = outcomeOf(() => run(step));
    outcomes.push(outcome);
    if ('trap' in outcome) {
      break;
    }
  }
  return outcomes;
}
