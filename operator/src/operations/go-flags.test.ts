import { UserError } from '@spindle/api';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FLAGS } from './flags.ts';
import { helpText, parseFlags, type FlagValues } from './go-flags.ts';

function parsed(...args: string[]): FlagValues<typeof FLAGS> {
  const flags = parseFlags(FLAGS, args);
  if (flags === 'help') {
    throw new Error('help was not asked for');
  }
  return flags;
}

/** Of upstream's chart. */
const CHART = [
  '--health-probe-bind-address=:8082',
  '--metrics-bind-address=:8443',
  '--leader-elect',
  '--enable-webhooks',
];

function thrown(args: readonly string[]): unknown {
  try {
    parseFlags(FLAGS, args);
  } catch (error) {
    // expected: most texts are no flags.
    return error;
  }
  return undefined;
}

describe('flags', () => {
  it('are those of upstream’s chart', () => {
    expect(parsed(...CHART)).toMatchObject({
      'health-probe-bind-address': { host: undefined, port: 8082 },
      'metrics-bind-address': { host: undefined, port: 8443 },
      'leader-elect': true,
      'enable-webhooks': true,
      'metrics-secure': true,
      'enable-http2': false,
    });
  });

  it.each<[string[], keyof typeof FLAGS, unknown]>([
    [['-leader-elect'], 'leader-elect', true],
    [['--leader-elect=false'], 'leader-elect', false],
    [['-metrics-secure=0'], 'metrics-secure', false],
    [['-metrics-secure=T'], 'metrics-secure', true],
    [['--kubeconfig', '/a b'], 'kubeconfig', '/a b'],
    [['-kubeconfig=a=b'], 'kubeconfig', 'a=b'],
    [['--kubeconfig='], 'kubeconfig', ''],
    [['--namespaces=a, b,'], 'namespaces', ['a', 'b']],
    [['--metrics-bind-address=0'], 'metrics-bind-address', undefined],
    [['--metrics-bind-address=[::1]:0'], 'metrics-bind-address', { host: '::1', port: 0 }],
    [['--leader-elect-lease-duration=1m30s'], 'leader-elect-lease-duration', 90_000],
    [['--leader-elect-lease-duration=1.5s'], 'leader-elect-lease-duration', 1500],
    [['--zap-log-level=3'], 'zap-log-level', 'debug'],
    [['--zap-log-level=panic'], 'zap-log-level', 'fatal'],
    [['--leader-elect', '--leader-elect=false'], 'leader-elect', false],
  ])('are read as Go reads them: %j', (args, name, value) => {
    expect(parsed(...args)[name]).toEqual(value);
  });

  it.each([
    [['--nothing'], 'there is no flag --nothing'],
    [['--nothing=secret'], 'there is no flag --nothing'],
    [['--toString'], 'there is no flag --toString'],
    [['--kubeconfig'], '--kubeconfig needs a value'],
    [['--leader-elect', 'true'], 'unexpected argument "true"'],
    [['--'], 'unexpected argument "--"'],
    [['---leader-elect'], 'unexpected argument "---leader-elect"'],
    [['--leader-elect=yes'], '--leader-elect=yes is not valid: true or false'],
    [['--metrics-bind-address=8080'], 'an address such as :8080'],
    [['--metrics-bind-address=:99999'], 'an address such as :8080'],
    [['--leader-elect-lease-duration=15'], 'a duration such as 15s'],
    [['--max-concurrent-reconciles=0'], 'a number from 1 to 64'],
    [['--zap-encoder=xml'], 'one of'],
  ])('that are wrong are told with a remedy: %j', (args, message) => {
    expect(() => parseFlags(FLAGS, args)).toThrow(message);
    expect(() => parseFlags(FLAGS, args)).toThrow(UserError);
  });

  it('all stand in the help', () => {
    expect(parseFlags(FLAGS, ['-h'])).toBe('help');
    for (const name of Object.keys(FLAGS)) {
      expect(helpText(FLAGS)).toContain(`  --${name}`);
    }
  });

  it('of any text are read or told, never a defect', () => {
    const name = fc.constantFrom(...Object.keys(FLAGS), '', 'x', '__proto__');
    const arg = fc.oneof(
      fc.string(),
      fc
        .tuple(fc.constantFrom('-', '--', '---'), name, fc.constantFrom('', '='), fc.string())
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(fc.array(arg, { maxLength: 4 }), (args) => {
        const error = thrown(args);
        expect(error === undefined || error instanceof UserError).toBe(true);
      }),
    );
  });
});
