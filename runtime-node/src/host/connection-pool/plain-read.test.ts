import { describe, expect, it } from 'vitest';
import { isPlainRead } from './plain-read.ts';

describe('a plain read', () => {
  it.each([
    'SELECT 1',
    'select name from person where id = $1',
    ' \n SELECT a.b, c AS d FROM t AS a ORDER BY 1 LIMIT 5',
    "SELECT 'text' FROM t WHERE a = ?",
    'SELECT a FROM t FOR UPDATE',
  ])('is %j', (statement) => {
    expect(isPlainRead(statement)).toBe(true);
  });

  it.each([
    '',
    'SELECT',
    'SELECTED 1',
    "SET search_path = 'x'",
    'BEGIN',
    'LISTEN a',
    'PREPARE a AS SELECT 1',
    'DECLARE c CURSOR WITH HOLD FOR SELECT 1',
    'WITH a AS (SELECT 1) SELECT 1',
    "SELECT set_config('a.b', 'c', false)",
    'SELECT pg_advisory_lock(1)',
    'SELECT "set_config" (1)',
    "SELECT GET_LOCK/**/('a', 1)",
    'SELECT @a := 1',
    'SELECT * INTO TEMP a FROM b',
    'SELECT 1\nINTO a',
    'SELECT NEXT VALUE FOR s',
    'SELECT 1; SET a = 1',
    '/* SELECT */ SET a = 1',
    'INSERT INTO a VALUES (1)',
    `SELECT ${'a, '.repeat(2000)} 1`,
  ])('is not %j', (statement) => {
    expect(isPlainRead(statement)).toBe(false);
  });
});
