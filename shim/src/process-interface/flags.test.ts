import * as fc from 'fast-check';
import { UserError } from '@spindle/api';
import { describe, expect, it } from 'vitest';
import { parseFlags } from './flags.ts';

function outcomeOf(args: readonly string[]): string {
  try {
    return parseFlags(args).action;
  } catch (error) {
    // expected: most are no call of containerd.
    return error instanceof UserError ? error.name : String(error);
  }
}

describe('the arguments of a shim', () => {
  it('are read as containerd gives them', () => {
    const args =
      '-namespace k8s.io -address /run/containerd/containerd.sock -publish-binary /usr/bin/containerd -id c1 start';
    expect(parseFlags(args.split(' '))).toEqual({
      action: 'start',
      namespace: 'k8s.io',
      id: 'c1',
      address: '/run/containerd/containerd.sock',
      bundle: '',
      socket: '',
      debug: false,
    });
    expect(parseFlags('--namespace=default -debug -id=c1 -bundle /b delete'.split(' '))).toMatchObject({
      action: 'delete',
      namespace: 'default',
      debug: true,
      bundle: '/b',
    });
    expect(parseFlags(['-v']).action).toBe('version');
    expect(parseFlags(['-version']).action).toBe('version');
    expect(parseFlags(['-info']).action).toBe('info');
    expect(parseFlags('-namespace a -socket /s'.split(' ')).action).toBe('serve');
  });

  it.each([
    [['start'], 'Shim namespace cannot be empty'],
    [['-namespace', 'a'], 'Shim socket cannot be empty'],
    [['-namespace', 'a', 'fly'], 'there is no action "fly"'],
    [['-namespace', 'a', '-speed', '9', 'start'], 'speed'],
  ])('that are wrong are refused (%j)', (args, message) => {
    expect(() => parseFlags(args)).toThrow(message);
  });

  it('end in flags or in an error for the user, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('-namespace', '-id', '-v', 'start', '--')), { maxLength: 6 }),
        (args) => {
          expect(outcomeOf(args)).toMatch(/^(start|delete|serve|version|info|UserError)$/);
        },
      ),
    );
  });
});
