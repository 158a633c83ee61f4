// Bytes and times as people read them.

const BYTE_UNITS = ['GiB', 'MiB', 'KiB'] as const;

/** `128 MiB`; what is no whole number of a unit stays exact: `1000 bytes`. */
export function bytesText(bytes: number): string {
  let size = 2 ** 30;
  for (const unit of BYTE_UNITS) {
    if (bytes >= size && bytes % size === 0) {
      return `${bytes / size} ${unit}`;
    }
    size /= 1024;
  }
  return `${bytes} bytes`;
}

/** `5 s`, `500 ms`. */
export const durationText = (milliseconds: number): string =>
  milliseconds >= 1000 && milliseconds % 1000 === 0 ? `${milliseconds / 1000} s` : `${milliseconds} ms`;
