// With SQLite's own programs, so that what another version makes of a statement shows here.
import { DatabaseSync } from 'node:sqlite';
import { array, assert, constantFrom, integer, pre, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBounded, type Instruction } from './bounded-program.ts';

const SCHEMA = `CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, email TEXT UNIQUE, age INTEGER);
  CREATE INDEX by_age ON person (age);
  CREATE TABLE word (text TEXT PRIMARY KEY, count) WITHOUT ROWID;
  CREATE TABLE sum (a INTEGER PRIMARY KEY, twice GENERATED ALWAYS AS (abs(a) * 2));`;

function programOf(statement: string): Instruction[] {
  const database = new DatabaseSync(':memory:');
  database.exec(SCHEMA);
  const program = database.prepare(`EXPLAIN ${statement}`).all() as unknown as Instruction[];
  database.close();
  return program;
}

describe('a statement of which it is known how long it takes', () => {
  it.each([
    'SELECT 1, 2.5, ?',
    'SELECT name FROM person WHERE id = ?',
    'SELECT * FROM person WHERE email = ?',
    'SELECT count FROM word WHERE text = ?',
    'SELECT name FROM person WHERE id = ? AND age > 3 LIMIT 1',
    "SELECT name || ' ' || email FROM person WHERE id = 1",
    'SELECT p.name, q.name FROM person p JOIN person q ON q.id = p.age WHERE p.id = ?',
  ])('is %s', (statement) => {
    expect(isBounded(programOf(statement))).toBe(true);
  });

  it.each([
    'SELECT * FROM person',
    'SELECT * FROM person WHERE age = ?',
    'SELECT * FROM person LIMIT 1',
    'SELECT count(*) FROM person',
    'SELECT max(id) FROM person',
    'SELECT name FROM person WHERE id IN (1, 2)',
    'SELECT name FROM person WHERE name LIKE ?',
    'SELECT p.name FROM person p JOIN person q WHERE p.id = ?',
    'SELECT randomblob(1000000000)',
    'SELECT twice FROM sum WHERE a = ?',
    'SELECT * FROM person ORDER BY age',
    'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n',
    'INSERT INTO person (id) VALUES (1)',
    'UPDATE person SET age = 1 WHERE id = 1',
    'DELETE FROM person WHERE id = 1',
    'BEGIN',
  ])('is not %s', (statement) => {
    expect(isBounded(programOf(statement))).toBe(false);
  });

  it('never jumps back, whatever the program', () => {
    const opcode = constantFrom('Goto', 'Init', 'Halt', 'Integer', 'SeekRowid', 'Next', 'Transaction', 'If');
    const instruction = record({ opcode, p2: integer({ min: -1, max: 9 }) });
    assert(
      property(array(instruction, { maxLength: 8 }), (middle) => {
        const program = [{ opcode: 'Init', p2: middle.length + 1 }, ...middle, { opcode: 'Goto', p2: 1 }];
        pre(isBounded(program));
        const jumps = middle.filter((one) => ['Goto', 'SeekRowid', 'If'].includes(one.opcode));
        expect(jumps.every((one) => one.p2 > middle.indexOf(one) + 1 && one.p2 <= middle.length)).toBe(true);
        expect(middle.some((one) => one.opcode === 'Next' || one.opcode === 'Init')).toBe(false);
      }),
    );
  });
});
