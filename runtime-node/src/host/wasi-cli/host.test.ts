import { describe, expect, it } from 'vitest';
import { ok, err, Trap } from '../../component/index.ts';
import { BytesInputStream, SinkOutputStream } from '../io/ready-made.ts';
import type { InputStream, OutputStream } from '../io/streams.ts';
import { callHost, type CallHost } from '../testing/call-host.ts';
import { fakeGuest, type FakeGuest } from '../testing/fake-guest.ts';
import { GuestExit, wasiCli } from './index.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function caller(fake: FakeGuest, name: string): CallHost {
  return callHost(wasiCli.bind({}, fake.component).get(`wasi:cli/${name}@0.2.12`), fake.guest);
}

describe('wasi:cli', () => {
  it('binds what it announces', () => {
    expect([...wasiCli.bind({}, fakeGuest().component).keys()]).toEqual([...wasiCli.interfaces]);
  });

  it("gives exactly the component's environment, in order", () => {
    const call = caller(fakeGuest({ env: { B: 'two words', A: '1', EMPTY: '' } }), 'environment');
    expect(call('get-environment')).toEqual([
      ['B', 'two words'],
      ['A', '1'],
      ['EMPTY', ''],
    ]);
    expect(call('get-arguments')).toEqual([]);
    expect(call('initial-cwd')).toBeUndefined();
  });

  it.each([
    ['exit', ok(undefined), 0],
    ['exit', err(undefined), 1],
    ['exit-with-code', 0, 0],
    ['exit-with-code', 42, 42],
  ])('ends the guest that calls %s with %o, and keeps the status', (name, argument, status) => {
    const call = caller(fakeGuest(), 'exit');
    const error = (() => {
      try {
        return call(name, argument);
      } catch (thrown) {
        // expected: exit never returns
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(Trap);
    expect(error).toBeInstanceOf(GuestExit);
    expect(error).toMatchObject({ status });
  });

  it('has nothing on stdin', () => {
    const stdin = caller(fakeGuest(), 'stdin')<InputStream>('get-stdin');
    expect(stdin.read(10)).toEqual({ tag: 'closed' });
  });

  it.each(['stdout', 'stderr'] as const)('sends %s to the log of the component', (name) => {
    const fake = fakeGuest();
    const call = caller(fake, name);
    const [first, second] = [call<OutputStream>(`get-${name}`), call<OutputStream>(`get-${name}`)];
    first.write(encode('one '));
    first[Symbol.dispose]();
    second.write(encode('two'));
    expect(fake.output).toEqual({ stdout: '', stderr: '', [name]: 'one two' });
  });

  it('gives a command its arguments, its streams, and its variables besides those of the component', () => {
    const written: string[] = [];
    const fake = fakeGuest({
      env: { A: 'of the component' },
      command: {
        args: ['run', ''],
        env: { A: 'of the call', B: '2' },
        stdin: () => new BytesInputStream(encode('in')),
        stdout: () => new SinkOutputStream((bytes) => written.push(new TextDecoder().decode(bytes))),
      },
    });
    const environment = caller(fake, 'environment');
    expect(environment('get-arguments')).toEqual(['run', '']);
    expect(environment('get-environment')).toEqual([
      ['A', 'of the component'],
      ['B', '2'],
    ]);
    expect(caller(fake, 'stdin')<InputStream>('get-stdin').read(10)).toEqual(encode('in'));
    caller(fake, 'stdout')<OutputStream>('get-stdout').write(encode('out'));
    caller(fake, 'stderr')<OutputStream>('get-stderr').write(encode('said'));
    expect(written).toEqual(['out']);
    expect(fake.output).toEqual({ stdout: '', stderr: 'said' });
  });

  it.each(['stdin', 'stdout', 'stderr'])('has no terminal at %s', (name) => {
    expect(caller(fakeGuest(), `terminal-${name}`)(`get-terminal-${name}`)).toBeUndefined();
  });
});
