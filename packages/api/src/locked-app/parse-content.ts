// Reads the references to content in a locked app. What they say ends up in file names, so it is checked here once.
import type { DocumentNode } from '../document/document-node.ts';
import type { ContentPath, ContentRef } from './types.ts';

const DIGEST = /^sha256:[0-9a-f]{64}$/;
/** With or without padding: Spin writes it without. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

export function readContent(node: DocumentNode): ContentRef {
  const table = node.table();
  const source = table.get('source')?.string();
  const inlineNode = table.get('inline');
  const digestNode = table.get('digest');
  const inline = inlineNode?.string();
  const digest = digestNode?.string();
  if (inlineNode !== undefined && inline !== undefined && !BASE64.test(inline)) {
    throw inlineNode.contentError('inline content is not base64', { remedy: 'Build or push the app again.' });
  }
  if (digestNode !== undefined && digest !== undefined && !DIGEST.test(digest)) {
    throw digestNode.contentError(`invalid digest ${JSON.stringify(digest)}, expected sha256:<64 hex digits>`, {
      remedy: 'Build or push the app again.',
    });
  }
  if (source === undefined && inline === undefined && digest === undefined) {
    throw node.contentError('content without `source`, `inline` or `digest`', {
      remedy: 'Build or push the app again.',
    });
  }
  return {
    ...(source !== undefined && { source }),
    ...(inline !== undefined && { inline }),
    ...(digest !== undefined && { digest }),
  };
}

export function readMount(node: DocumentNode): ContentPath {
  const pathNode = node.table().required('path');
  const path = pathNode.string();
  if (!isPortable(path)) {
    throw pathNode.contentError(`invalid file mount ${JSON.stringify(path)}`, {
      remedy: 'A mount must be a relative path without `..`.',
    });
  }
  return { ...readContent(node), path };
}

/** The root of all mounts, or a relative path that stays below it. */
function isPortable(path: string): boolean {
  return path === '/' || (path.split('/').every(isName) && !path.includes('\0'));
}

function isName(part: string): boolean {
  return part !== '' && part !== '.' && part !== '..';
}
