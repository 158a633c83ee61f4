// What the engine gives to a rewritten module, at its simplest: for tests that run rewritten modules by themselves.
import { parse } from '@bytecodealliance/jco';
import { EXPORTED, ENGINE, rewriteModule, type ModuleFacts, type RewriteOptions } from '../index.ts';

export const wat = async (text: string): Promise<Uint8Array> => parse(text);

/** As `wat`, as V8 takes it. */
export const originalBytes = async (text: string): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await wat(text));

type Imports = Record<string, Record<string, unknown>>;
type Call = (...args: unknown[]) => unknown;

export class RewrittenInstance {
  readonly facts: ModuleFacts;
  readonly exports: Readonly<Record<string, unknown>>;
  /** By the index that it had. */
  readonly memories: readonly WebAssembly.Memory[];
  /** Sizes in pages that the module told of. */
  readonly grown: number[] = [];
  /** How many growths it was told were refused. */
  refused = 0;
  readonly flag: Int32Array;
  /** Called when a check finds the flag set. */
  onInterrupt = (): void => {
    throw new Error('interrupted');
  };

  constructor(
    bytes: Uint8Array,
    imports: Imports = {},
    options: RewriteOptions = { timeChecks: false },
    interrupt = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }),
  ) {
    const { bytes: code, facts } = rewriteModule(bytes, options);
    this.facts = facts;
    this.flag = new Int32Array(interrupt.buffer);
    const memories = Object.entries(this.facts.memories).map(
      ([index, { initial, maximum }]) =>
        [`memory${index}`, new WebAssembly.Memory(maximum === undefined ? { initial } : { initial, maximum })] as const,
    );
    this.memories = memories.map(([, memory]) => memory);
    const engine = {
      ...Object.fromEntries(memories),
      interrupt,
      interrupted: () => this.onInterrupt(),
      grown: (pages: number) => {
        if (pages === -1) {
          this.refused += 1;
        } else {
          this.grown.push(pages);
        }
      },
      ...imports[ENGINE],
    };
    const module = new WebAssembly.Module(code);
    this.exports = new WebAssembly.Instance(module, { ...imports, [ENGINE]: engine } as WebAssembly.Imports).exports;
  }

  get memory(): WebAssembly.Memory {
    const [memory] = this.memories;
    if (memory === undefined) {
      throw new Error('the module defines no memory');
    }
    return memory;
  }

  get pages(): WebAssembly.Global {
    return this.exports[EXPORTED.pages] as WebAssembly.Global;
  }

  call(name: string, ...args: unknown[]): unknown {
    return (this.exports[name] as Call)(...args);
  }

  save(): void {
    this.call(EXPORTED.save);
  }

  restore(): void {
    this.call(EXPORTED.restore);
  }
}

export async function rewritten(
  text: string,
  imports: Imports = {},
  options: RewriteOptions = { timeChecks: false },
): Promise<RewrittenInstance> {
  return new RewrittenInstance(await wat(text), imports, options);
}
