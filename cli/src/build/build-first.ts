// The build of commands that need a built application: all components, as `spindle build` without further flags.
import type { Console } from '../console.ts';
import { buildApp } from './build-app.ts';

export async function buildFirst(
  file: string,
  profile: string | undefined,
  { console, signal }: { readonly console: Pick<Console, 'err'>; readonly signal: AbortSignal },
): Promise<void> {
  await buildApp({ file, components: [], ...(profile === undefined ? {} : { profile }) }, { console, signal });
}
