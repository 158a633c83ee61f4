// What to do with an application that has just been made.
import type { AppManifest } from '@spindle/api';

/** `where` is its folder as seen from here; '' when it is this one. */
export function nextStep({ triggers, components }: AppManifest, where: string): string {
  const builds = [...components.values()].some(({ build }) => build !== undefined);
  const command = triggers.length === 0 ? 'spindle add -t <template>' : builds ? 'spindle build --up' : 'spindle up';
  return `Next: ${where === '' ? '' : `cd ${shellWord(where)} && `}${command}`;
}

const shellWord = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
