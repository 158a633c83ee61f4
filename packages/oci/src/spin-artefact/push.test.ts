import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { impatient } from '../testing/fault-registry.ts';
import { localApp } from '../testing/local-app.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { userError } from '../testing/thrown.ts';
import { planPush } from './plan-push.ts';
import { pushApp } from './push.ts';
import { readPushContent } from './read-push-content.ts';

// What a push stores is tested against a real registry (round-trip.services.test.ts).
describe('a push whose archives cannot be made tells of the folder', () => {
  test('that is not there', async () => {
    const content = await readPushContent(await localApp({ files: { 'a.txt': Buffer.from('a') } }));
    const plan = planPush(content, { compose: true, archive: true, created: new Date(0) });
    const absent = join(await tempDir(), 'absent');
    const error = await userError(() => pushApp(plan, 'localhost:1/me/app', { ...impatient(), tempDir: absent }));
    expect([error.code, error.place.file]).toEqual(['SPK2014', absent]);
  });
});
