// Components of a world in WIT whose functions do nothing, made by wasm-tools.
import { componentEmbed, componentNew } from '@bytecodealliance/jco';

export async function dummy(witSource: string, world: string): Promise<Uint8Array> {
  return componentNew(await componentEmbed({ dummy: true, witSource, world }), []);
}
