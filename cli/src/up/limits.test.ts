import { DEFAULT_LIMITS, DEFAULT_LISTENER_LIMITS } from '@spindle/runtime';
import { Command } from 'commander';
import { describe, expect, it, vi } from 'vitest';
import { givenClientLimits, givenLimits } from './limits.ts';
import { addUpOptions, type UpFlags } from './options.ts';

const parsed = (...args: readonly string[]): UpFlags =>
  addUpOptions(new Command()).parse(args, { from: 'user' }).opts<UpFlags>();

describe('the limits of `up`', () => {
  it('are those of the runtime when no flag gives any', () => {
    expect(givenLimits(parsed())).toEqual({});
  });

  it('are what the flags give', () => {
    const flags = parsed(
      '--max-instance-memory=134217728',
      '--request-timeout=30s',
      '--cpu-timeout=500ms',
      '--max-concurrent-requests=50',
      '--max-queued-requests=0',
      '--stall-timeout=61s',
    );
    expect(givenLimits(flags)).toEqual({
      instanceMemory: 134_217_728,
      requestMs: 30_000,
      cpuMs: 500,
      concurrency: 50,
      queue: 0,
      stallMs: 61_000,
    });
  });

  it('of clients are what the flags give, and 0 is none', () => {
    expect(givenClientLimits(parsed())).toEqual({});
    const flags = parsed(
      '--max-connections=7',
      '--max-header-fields=50',
      '--max-body-size=0',
      '--header-timeout=5',
      '--body-timeout=1500ms',
      '--write-timeout=0',
      '--keep-alive-timeout=90s',
    );
    expect(givenLimits(flags)).toEqual({ connections: 7 });
    expect(givenClientLimits(flags)).toEqual({
      headerFields: 50,
      bodyBytes: 0,
      headMs: 5000,
      bodyMs: 1500,
      responseMs: Infinity,
      idleMs: 90_000,
    });
  });

  it('take a time from a range for the run', () => {
    expect(givenLimits(parsed('--request-timeout', '1..9s'), () => 0.5)).toMatchObject({ requestMs: 5000 });
  });

  it('take the memory from the environment, where SpinKube puts it, but sooner from the flag', () => {
    vi.stubEnv('SPIN_MAX_INSTANCE_MEMORY', '1048576');
    expect(givenLimits(parsed())).toMatchObject({ instanceMemory: 1_048_576 });
    expect(givenLimits(parsed('--max-instance-memory', '65536'))).toMatchObject({ instanceMemory: 65_536 });
    vi.stubEnv('SPIN_MAX_INSTANCE_MEMORY', '128Mi');
    expect(() => parsed()).toThrow(expect.objectContaining({ code: 'SPK5001', remedy: expect.any(String) }));
    vi.unstubAllEnvs();
  });

  it.each([
    ['--request-timeout', '2s'],
    ['--cpu-timeout', '2s'],
  ])('have the backstop behind %s', (flag, time) => {
    expect(() => givenLimits(parsed(flag, time, '--stall-timeout', '2s'))).toThrow(
      expect.objectContaining({ message: `--stall-timeout must be longer than ${flag}`, code: 'SPK5001' }),
    );
    expect(givenLimits(parsed(flag, time, '--stall-timeout', '2001ms'))).toMatchObject({ stallMs: 2001 });
  });

  it.each([
    ['--threads', '0'],
    ['--threads', '1025'],
    ['--stall-timeout', '999ms'],
    ['--cpu-timeout', '1..2s'],
    ['--max-concurrent-requests', '0'],
    ['--max-queued-requests', '-1'],
    ['--max-instance-memory', '1GiB'],
    ['--max-connections', '0'],
    ['--max-header-fields', '10001'],
    ['--max-body-size', '1MiB'],
    ['--body-timeout', 'soon'],
  ])('may not be %s %s', (flag, value) => {
    expect(() => parsed(`${flag}=${value}`)).toThrow(expect.objectContaining({ place: { field: flag } }));
  });

  it('are told by --help as they are', () => {
    const help = addUpOptions(new Command()).helpInformation().replace(/\s+/g, ' ');
    const { concurrency, queue, stallMs } = DEFAULT_LIMITS;
    expect(help).toMatch(new RegExp(`--max-concurrent-requests <n> [^-]*\\(default: ${concurrency}\\)`));
    expect(help).toMatch(new RegExp(`--max-queued-requests <n> [^-]*\\(default: ${queue}\\)`));
    const { headerFields, headMs, bodyMs, responseMs, idleMs } = DEFAULT_LISTENER_LIMITS;
    expect(help).toMatch(new RegExp(`--max-connections <n> [^-]*\\(default: ${DEFAULT_LIMITS.connections},`));
    expect(help).toMatch(new RegExp(`--max-header-fields <n> [^-]*\\(default: ${headerFields}\\)`));
    for (const [flag, time] of [
      ['--header-timeout', headMs],
      ['--body-timeout', bodyMs],
      ['--write-timeout', responseMs],
      ['--keep-alive-timeout', idleMs],
    ] as const) {
      expect(help).toMatch(new RegExp(`${flag} <time> [^-]*\\(default: ${time / 1000}s\\)`));
    }
    expect(help).toMatch(new RegExp(`--stall-timeout <time> [^-]*\\(default: ${stallMs / 1000}s,`));
  });
});
