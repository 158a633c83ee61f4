// Checks every reference of a locked app to content and lists what must become a file of the cache. Pure.
import type { ContentRef, LockedApp } from '@spindle/api';
import { assertDigest, digestOf } from '../digest.ts';
import { corruptContent, invalidMount, missingContent } from '../errors.ts';
import { describePlace, files, type PlacedContent, wasmSources } from './content-refs.ts';

export interface WantedContent {
  /** The first place that wants it, for messages. */
  readonly what: string;
  /** The content itself, where the locked app has it: no layer is needed then. */
  readonly inline: Buffer | undefined;
}

/** By digest. Small files stay inline; Wasm always becomes a file, since whoever prepares it reads files. */
export function wantedContent(locked: LockedApp, where: string): Map<string, WantedContent> {
  const wanted = new Map<string, WantedContent>();
  for (const component of locked.components) {
    for (const source of wasmSources(component)) {
      const inline = inlineContent(source, where);
      const digest = digestOfRef(source, where);
      wanted.set(digest, { what: describePlace(source.place), ...wanted.get(digest), inline });
    }
    for (const file of files(component)) {
      checkPath(file.ref.path, describePlace(file.place), where);
      if (inlineContent(file, where) === undefined) {
        const digest = digestOfRef(file, where);
        wanted.set(digest, wanted.get(digest) ?? { what: describePlace(file.place), inline: undefined });
      }
    }
  }
  return wanted;
}

function digestOfRef({ place, ref }: PlacedContent<ContentRef>, where: string): string {
  if (ref.digest === undefined) {
    throw missingContent(where, describePlace(place), 'has no digest');
  }
  return assertDigest(ref.digest, where, describePlace(place));
}

/** Inline content must be what its digest says, where it has one. */
function inlineContent({ place, ref }: PlacedContent<ContentRef>, where: string): Buffer | undefined {
  if (ref.inline === undefined) {
    return undefined;
  }
  const bytes = Buffer.from(ref.inline, 'base64');
  const actual = digestOf(bytes);
  if (ref.digest !== undefined && ref.digest !== actual) {
    throw corruptContent(where, ref.digest, `the digest of the inline content of ${describePlace(place)} is ${actual}`);
  }
  return bytes;
}

/** Only normal parts: the path will be joined to a folder of this machine. */
function checkPath(path: string, what: string, where: string): void {
  const parts = path.split('/');
  if (path.includes('\0') || parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw invalidMount(where, what, path);
  }
}
