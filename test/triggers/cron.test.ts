// The cron trigger with a real guest, every second (spin-contract.md §6.3).
import { expect, it } from 'vitest';
import { triggerApp } from './manifest.ts';

const trigger = (expression: string, component = 'job'): string =>
  `[[trigger.cron]]\nid = "t-${component}"\ncron_expression = "${expression}"\ncomponent = "${component}"\n`;

it('calls its guest at the times of the schedule, beside the other triggers, until it is stopped', async () => {
  const http = '[[trigger.http]]\nroute = "/..."\ncomponent = "web"\n';
  const folder = await triggerApp(trigger('* * * * * *') + http, { job: 'rcron', web: 'rhello' });
  const running = folder.up(['--threads', '2']);
  const began = Math.floor(Date.now() / 1000);
  await running.printed(/(called at \d+\n[^]*){3}/, 'stderr');
  expect(running.stdout).toContain('Active Schedules (UTC):\n\t* * * * * *: [job]\n');
  expect(await running.get('/')).toBe('Hello from Rust!\n');
  const { code, stderr } = await running.stop();
  expect(code).toBe(0);
  const times = [...stderr.matchAll(/called at (\d+)/g)].map(([, time]) => Number(time));
  expect(times.every((time) => time >= began)).toBe(true);
  // Once each, though there are two threads.
  expect(new Set(times).size).toBe(times.length);
});

it('logs what its guest fails with, and calls it again', async () => {
  const folder = await triggerApp(trigger('* * * * * *'), { job: 'rcron' });
  const running = folder.start(['up', '--env', 'CRON_FAIL=1']);
  await running.printed(
    /(component job: the handler returned an error: the guest was told to fail\n[^]*){2}/,
    'stderr',
  );
  expect((await running.stop()).code).toBe(0);
});

it.each([
  ['* * * * *', '5 parts'],
  ['61 * * * * *', '61'],
  ['never', 'never'],
])('refuses %s', async (expression, said) => {
  const folder = await triggerApp(trigger(expression), { job: 'rcron' });
  const { code, stderr } = await folder.run(['up']);
  expect(code).toBe(1);
  expect(stderr).toContain(`${JSON.stringify(expression)} is no cron expression: `);
  expect(stderr).toContain('SPK4092 at trigger.cron.t-job.cron_expression');
  expect(stderr).toMatch(new RegExp(said, 'i'));
});
