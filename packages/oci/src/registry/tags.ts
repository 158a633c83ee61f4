// The tags of a repository, over as many pages as the registry makes of them (distribution-spec 1.1, "Listing Tags").
import { notFound, unexpectedAnswer } from '../errors.ts';
import { isRecord } from '../json.ts';
import { parseReference } from '../reference.ts';
import type { RegistryOptions } from '../types.ts';
import { readBounded } from './bounded.ts';
import { RegistrySession } from './session.ts';

const MAX_PAGE_BYTES = 4 * 1024 * 1024; // Thirty thousand tags of the greatest length.
const MAX_PAGES = 1000; // A server that always names a next page must come to an end.

/** Of `ghcr.io/me/app`; a tag or digest in the reference means nothing here. */
export async function listTags(repository: string, options: RegistryOptions): Promise<string[]> {
  const { registry, repository: name } = parseReference(repository);
  return await allPages(new RegistrySession(registry, name, `${registry}/${name}`, options));
}

async function allPages(session: RegistrySession): Promise<string[]> {
  const pages: (readonly string[])[] = [];
  let target: string | URL = `/v2/${session.repository}/tags/list`;
  while (pages.length < MAX_PAGES) {
    const page: TagPage = await session.repeat(() => getPage(session, target));
    pages.push(page.tags);
    if (page.next === undefined) {
      return pages.flat();
    }
    target = page.next;
  }
  throw unexpectedAnswer(session.registry, session.where, `with more than ${MAX_PAGES} pages of tags`);
}

interface TagPage {
  readonly tags: readonly string[];
  readonly next: URL | undefined;
}

async function getPage(session: RegistrySession, target: string | URL): Promise<TagPage> {
  const answer = await session.send({ method: 'GET', target, access: 'pull', expect: [200, 404] });
  if (answer.status === 404) {
    await answer.discard();
    throw notFound(`repository ${session.repository}`, session.where);
  }
  const body = await readBounded(answer.body, MAX_PAGE_BYTES);
  const tags = body === undefined ? undefined : parseTags(body.toString('utf8'));
  if (tags === undefined) {
    throw unexpectedAnswer(session.registry, session.where, 'with a list of tags that cannot be read');
  }
  // RFC 8288; the only relation that registries use.
  const next = /<([^>]*)>\s*;\s*rel="?next"?/i.exec(answer.headers.get('link') ?? '')?.[1];
  return { tags, next: next === undefined ? undefined : session.resolve(next, answer.url) };
}

function parseTags(text: string): string[] | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // expected: the caller reports that the list cannot be read.
    return undefined;
  }
  // An empty repository has null in its place (distribution 2.x).
  const tags = isRecord(document) ? (document['tags'] ?? []) : undefined;
  return Array.isArray(tags) && tags.every((tag) => typeof tag === 'string') ? tags : undefined;
}
