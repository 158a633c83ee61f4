import { expect, it } from 'vitest';
import { settle } from './settle.ts';

const config = (text: string) => ({ runtimeConfig: { file: 'rc.toml', text } });
const FULL = config('state_dir = "/config"\nlog_dir = "/config-logs"\nmax_instance_memory = 1000');

it.each([
  ['nothing is given', {}, undefined, ''],
  ['only the default is there', { defaultStateDir: '/default' }, '/default', '/default/logs'],
  ['the configuration has it', { ...FULL, defaultStateDir: '/default' }, '/config', '/config-logs'],
  ['flags come first', { ...FULL, stateDir: '/flag', logDir: '/flag-logs' }, '/flag', '/flag-logs'],
  ['an empty flag means none', { ...FULL, stateDir: '', logDir: '' }, undefined, ''],
  [
    'the configuration has other keys, which are for others to read',
    { ...config('[key_value_store.x]\ntype = "spin"'), defaultStateDir: '/default' },
    '/default',
    '/default/logs',
  ],
])('settles where state and logs are kept when %s', async (_, given, stateDir, logDir) => {
  expect(await settle(given)).toMatchObject({ stateDir, logDir });
});

it('takes the memory of an instance from the flag, then from the configuration', async () => {
  expect((await settle(FULL)).limits.instanceMemory).toBe(1000);
  expect((await settle({ ...FULL, limits: { instanceMemory: 2000 } })).limits.instanceMemory).toBe(2000);
  expect((await settle({})).limits.instanceMemory).toBeUndefined();
});

it.each([
  ['state_dir = 1', 'state_dir must be a string'],
  ['= 1', 'rc.toml is not valid TOML'],
])('refuses %j by name', async (text, message) => {
  await expect(settle(config(text))).rejects.toThrow(message);
});
