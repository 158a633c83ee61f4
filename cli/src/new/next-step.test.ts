import { parseManifest } from '@spindle/api';
import { expect, it } from 'vitest';
import { manifest } from '../testing/app-folder.ts';
import { nextStep } from './next-step.ts';

const BUILD = '[component.a.build]\ncommand = "make"';

it.each([
  ['that has nothing yet', {}, 'there', 'Next: cd there && spindle add -t <template>'],
  ['that must be built', { a: { table: BUILD } }, 'there', 'Next: cd there && spindle build --up'],
  ['that is ready', { a: {} }, '', 'Next: spindle up'],
  ['whose folder has an odd name', { a: {} }, "it's there", "Next: cd 'it'\\''s there' && spindle up"],
])('what to do with an application %s is told', (_what, components, where, text) => {
  const head = Object.keys(components).length === 0 ? '[trigger]\n' : '';
  expect(nextStep(parseManifest(manifest(components, head), 'spin.toml').manifest, where)).toBe(text);
});
