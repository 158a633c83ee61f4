// The command trigger as a shell sees it (spin-contract.md §6.5).
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { triggerApp } from './manifest.ts';

const TRIGGER = '[[trigger.command]]\ncomponent = "tool"\n';

it('is built, run with its arguments, and ends with its own code, by build --up', async () => {
  const folder = await triggerApp('[[trigger.command]]\ncomponent = "c"', { c: 'rcommand' });
  const manifest = await readFile(join(folder.path, 'spin.toml'), 'utf8');
  await folder.write('spin.toml', `${manifest}[component.c.build]\ncommand = "echo built"\n`);
  const { code, stdout } = await folder.run(['build', '--up', '--', '--quiet', 'one', 'two'], { input: 'said' });
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'built\nargs ["one", "two"]\ninput "said"\n' });
  const failed = await folder.run(['build', '--up', '--', '--quiet', 'fail']);
  expect(failed.code).toBe(1);
  expect(failed.stderr).not.toContain('error:');
});

it.each(['rcommand', 'rcommand-module'])('%s gets arguments and stdin, and has stdout for itself', async (guest) => {
  const folder = await triggerApp(TRIGGER, { tool: guest });
  const { code, stdout, stderr } = await folder.run(['up', '--', 'a', '--b', '-f'], { input: 'some\ninput' });
  expect([code, stdout]).toEqual([0, 'args ["a", "--b", "-f"]\ninput "some\\ninput"\n']);
  expect(stderr).toContain('to the error output\n');
});

it('large input reaches it whole, and large output whoever reads', async () => {
  const folder = await triggerApp(TRIGGER, { tool: 'rcommand' });
  const input = 'x'.repeat(3_000_000);
  const { stdout } = await folder.run(['up', '-q'], { input });
  expect(stdout.length).toBe('args []\ninput ""\n'.length + input.length);
});

it.each([
  ['fail', 1, ''],
  ['panic', 1, 'guest call failed, component tool: unreachable'],
  ['nothing', 0, ''],
])('ends as the guest does: %s', async (what, code, message) => {
  const folder = await triggerApp(TRIGGER, { tool: 'rcommand' });
  const finished = await folder.run(['up', '--', what]);
  expect(finished.code).toBe(code);
  expect(finished.stderr).toContain(message);
});

it('is ended by a signal, with the exit code of that', async () => {
  const folder = await triggerApp(TRIGGER, { tool: 'rcommand' });
  // Waits for input that never comes.
  const running = folder.start(['up']);
  await running.printed(/Engine:/, 'stderr');
  await running.printed(/args \[\]/);
  expect((await running.stop()).code).toBe(143);
});

it('ends when nobody reads what it prints', async () => {
  const folder = await triggerApp(TRIGGER, { tool: 'rcommand' });
  const running = folder.start(['up']);
  running.child.stdout?.destroy();
  // It may have ended before it has read all.
  running.child.stdin?.on('error', () => {});
  running.child.stdin?.end('x'.repeat(1_000_000));
  expect((await running.finished).code).toBe(141);
});

it('of several command triggers only the first is run', async () => {
  const folder = await triggerApp(`${TRIGGER}[[trigger.command]]\ncomponent = "other"\n`, {
    tool: 'rcommand',
    other: 'rcommand',
  });
  const { code, stdout } = await folder.run(['up', '--', 'once']);
  expect([code, stdout]).toEqual([0, 'args ["once"]\ninput ""\n']);
});

it('an app without one has no use for arguments', async () => {
  const folder = await triggerApp('[[trigger.http]]\nroute = "/..."\ncomponent = "web"\n', { web: 'rhello' });
  const { code, stderr } = await folder.run(['up', '--', 'x']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('nobody takes the arguments after --: x')]);
});

it('a component that is no command is refused', async () => {
  const folder = await triggerApp(TRIGGER, { tool: 'rhello' });
  const { code, stderr } = await folder.run(['up']);
  expect([code, stderr]).toEqual([1, expect.stringContaining('for command trigger: component "tool" exports no')]);
});

it('beside it other triggers run, until it has ended', async () => {
  const folder = await triggerApp(`${TRIGGER}[[trigger.http]]\nroute = "/..."\ncomponent = "web"\n`, {
    tool: 'rcommand',
    web: 'rhello',
  });
  const running = folder.up();
  const [, url = ''] = await running.printed(/^Serving (\S+)$/m, 'stderr');
  expect(await (await fetch(url)).text()).toBe('Hello from Rust!\n');
  running.child.stdin?.end();
  const { code, stdout } = await running.finished;
  expect([code, stdout]).toEqual([0, 'args []\ninput ""\n']);
});
