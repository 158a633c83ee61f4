// One MemoryResetter per mode.
import type { Libc } from '../../ffi/index.ts';
import { CopiedImage, CopiedMemory } from './copied-memory.ts';
import { DirtyContent, type CountFaults } from './dirty-content.ts';
import { DiscardedContent } from './discarded-content.ts';
import { HotPagePolicy } from './hot-page-policy.ts';
import { captureFile, MappedImage } from './mapped-image.ts';
import { MappedMemory, type Content } from './mapped-memory.ts';
import type { Pagemap } from './pagemap.ts';
import { MemoryRegion, WASM_PAGE_BYTES } from './region.ts';
import type { MemoryImage, MemoryResetter, ResetMode } from './types.ts';

/** Why not a better mode. */
type Reason = string | undefined;

export const pagemapResetter = (
  libc: Libc,
  pagemap: Pagemap,
  countFaults: CountFaults,
  reason: Reason,
): MemoryResetter =>
  mappedResetter(
    'pagemap',
    reason,
    libc,
    pagemap,
    (region, { source }) => new DirtyContent(region, source, pagemap, countFaults, new HotPagePolicy()),
  );

export const madviseResetter = (libc: Libc, reason: Reason): MemoryResetter =>
  mappedResetter('madvise', reason, libc, undefined, (region) => new DiscardedContent(region));

export function copyResetter(reason: Reason): MemoryResetter {
  const once = onlyOnce();
  return {
    mode: 'copy',
    reason,
    capture: (memory) => new CopiedImage(memory),
    attach: (memory, image) => {
      const copied = imageOf(CopiedImage, image, memory);
      once(memory);
      return new CopiedMemory(memory, copied);
    },
  };
}

export function freshResetter(reason: Reason): MemoryResetter {
  const never = {
    grown: () => undefined,
    reset: () => false,
    release: () => undefined,
    drop: () => undefined,
    privateBytes: 0,
  };
  return {
    mode: 'fresh',
    reason,
    capture: (memory) => ({
      pages: memory.buffer.byteLength / WASM_PAGE_BYTES,
      bytes: 0,
      dispose: () => undefined,
    }),
    attach: () => never,
  };
}

function mappedResetter(
  mode: ResetMode,
  reason: Reason,
  libc: Libc,
  pagemap: Pagemap | undefined,
  contentOf: (region: MemoryRegion, image: MappedImage) => Content,
): MemoryResetter {
  const once = onlyOnce();
  return {
    mode,
    reason,
    capture: (memory) => new MappedImage(libc, captureFile(libc, memory, pagemap)),
    attach: (memory, image) => {
      const mapped = imageOf(MappedImage, image, memory);
      const region = new MemoryRegion(libc, memory);
      once(memory);
      mapped.mapOver(region);
      return new MappedMemory(region, mapped, contentOf(region, mapped));
    },
  };
}

/** Refuses a memory that it has seen: two that put the same memory back would undo each other's protection. */
function onlyOnce(): (memory: WebAssembly.Memory) => void {
  const seen = new WeakSet<WebAssembly.Memory>();
  return (memory) => {
    if (seen.has(memory)) {
      throw new Error('the memory is attached already');
    }
    seen.add(memory);
  };
}

function imageOf<I extends MemoryImage>(
  kind: abstract new (...args: never[]) => I,
  image: MemoryImage,
  memory: WebAssembly.Memory,
): I {
  if (!(image instanceof kind)) {
    throw new TypeError('the image was taken in another mode');
  }
  const pages = memory.buffer.byteLength / WASM_PAGE_BYTES;
  if (pages !== image.pages) {
    throw new RangeError(`a memory of ${pages} pages and an image of ${image.pages}`);
  }
  return image;
}
