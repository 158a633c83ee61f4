// The start-up text (spin-contract.md §3.5): what is served where, for people or for programs.
import type { RunningApp, ServedHttp } from '@spindle/runtime';

/** In the format that was asked for; programs are told of HTTP, as by Spin. */
export function announcementLines(
  { http, announcement }: Pick<RunningApp, 'http' | 'announcement'>,
  format: 'plain' | 'json',
): string[] {
  if (format === 'json') {
    return http === undefined ? [] : [jsonAnnouncement(http)];
  }
  return [...(http === undefined ? [] : plainAnnouncement(http)), ...announcement];
}

/** Lines for a person. */
function plainAnnouncement({ baseUrl, routes }: ServedHttp): string[] {
  const lines = ['', `Serving ${baseUrl}`, 'Available Routes:'];
  for (const { id, path, wildcard, description } of routes.list) {
    lines.push(`  ${id}: ${baseUrl}${path}${wildcard ? ' (wildcard)' : ''}`);
    if (description !== undefined) {
      lines.push(`    ${description}`);
    }
  }
  return lines;
}

/** One JSON document with the same facts. */
function jsonAnnouncement({ baseUrl, routes }: ServedHttp): string {
  return JSON.stringify({
    base_url: baseUrl,
    routes: routes.list.map(({ id, path, wildcard, description }) => ({ id, route: path, wildcard, description })),
  });
}
