import { describe, expect, it } from 'vitest';
import { parseSqlite } from './sqlite.ts';

describe('--sqlite', () => {
  it.each([
    ['SELECT 1', { kind: 'statement', sql: 'SELECT 1' }],
    ['@a.sql', { kind: 'file', file: 'a.sql', label: 'default', sql: 'in a.sql' }],
    ['@a.sql:other', { kind: 'file', file: 'a.sql', label: 'other', sql: 'in a.sql' }],
    ['@C:\\x\\a.sql', { kind: 'file', file: 'C:\\x\\a.sql', label: 'default', sql: 'in C:\\x\\a.sql' }],
    ['@/x:y/a.sql', { kind: 'file', file: '/x:y/a.sql', label: 'default', sql: 'in /x:y/a.sql' }],
  ])('%s', (flag, expected) => {
    expect(parseSqlite([flag], (path) => `in ${path}`)).toEqual([expected]);
  });

  it('may be left out', () => {
    expect(parseSqlite(undefined, () => '')).toEqual([]);
  });
});
