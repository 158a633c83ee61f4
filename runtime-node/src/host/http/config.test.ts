import { UserError } from '@spindle/api';
import { describe, expect, it } from 'vitest';
import { parseHttpConfig } from './config.ts';

function outcome(outbound_http: unknown): unknown {
  try {
    return parseHttpConfig({ outbound_http });
  } catch (error) {
    return error;
  }
}

describe('[outbound_http]', () => {
  it.each([
    ['nothing', undefined, { connectionPooling: true, maxConnections: undefined, clientTls: [] }],
    ['an empty table', {}, { connectionPooling: true, maxConnections: undefined, clientTls: [] }],
    [
      'pooling off',
      { connection_pooling: false },
      { connectionPooling: false, maxConnections: undefined, clientTls: [] },
    ],
    ['a limit', { max_connections: 10 }, { connectionPooling: true, maxConnections: 10, clientTls: [] }],
    [
      'the old limit, one short',
      { max_concurrent_requests: 9 },
      { connectionPooling: true, maxConnections: 10, clientTls: [] },
    ],
  ])('reads %s', (_what, section, expected) => {
    expect(outcome(section)).toMatchObject(expected);
  });

  it.each([
    ['both limits', { max_connections: 1, max_concurrent_requests: 1 }, 'outbound_http'],
    ['an unknown key', { pooling: true }, 'outbound_http.pooling'],
    ['a word for pooling', { connection_pooling: 'yes' }, 'outbound_http.connection_pooling'],
    ['a negative limit', { max_connections: -1 }, 'outbound_http.max_connections'],
    ['a word for the table', 'on', 'outbound_http'],
  ])('refuses %s and names the field', (_what, section, field) => {
    const failure = outcome(section);
    expect(failure).toBeInstanceOf(UserError);
    expect((failure as UserError).place.field).toBe(field);
  });
});
