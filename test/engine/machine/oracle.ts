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
    return named(
      request,
      answersTo(request, (step) => BigInt.asUintN(64, op(...argumentsOf(step)))),
    );
  };
}

const REFUSED = BigInt.asUintN(64, -1n);

/** A guest that gives up in a request in which it was refused memory has run into that limit (link/instance.ts). */
function named(request: readonly Step[], outcomes: readonly Outcome[]): Outcome[] {
  const refused = outcomes.some(
    (outcome, n) => request[n]?.operation.startsWith('grow') && 'value' in outcome && outcome.value === REFUSED,
  );
  return outcomes.map((outcome) =>
    refused && 'trap' in outcome && outcome.trap === 'unreachable' ? { trap: 'the memory limit was reached' } : outcome,
  );
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
