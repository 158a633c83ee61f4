// Makes archives for tests, also such as no honest tool makes.
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';

export type TarEntry = Partial<Header> & { readonly name: string; readonly content?: string | Buffer };

export async function tarOf(...entries: readonly TarEntry[]): Promise<Buffer> {
  const tar = pack();
  for (const { content = '', ...header } of entries) {
    tar.entry(header, content);
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) {
    if (Buffer.isBuffer(chunk)) {
      chunks.push(chunk);
    }
  }
  return Buffer.concat(chunks);
}

export const archiveOf = async (...entries: readonly TarEntry[]): Promise<Buffer> => gzipSync(await tarOf(...entries));

/** One header block with the given fields, checksum made right; for what `pack` refuses to write. */
export function rawHeader({
  name,
  size = '00000000000',
  type = '0',
}: {
  name: string;
  size?: string | Buffer;
  type?: string;
}): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0, 100, 'utf8');
  block.write('0000644', 100);
  block.write('0000000', 108);
  block.write('0000000', 116);
  block.set(typeof size === 'string' ? Buffer.from(size) : size, 124);
  block.write('00000000000', 136);
  block.write(type, 156);
  block.write('ustar\x0000', 257);
  block.write('        ', 148);
  block.write(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return block;
}
