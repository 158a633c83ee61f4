import { UserError } from '@spindle/api';
import { describe, expect, it } from 'vitest';
import { parseSqliteConfig } from './config.ts';

const parse = (database: unknown) => parseSqliteConfig({ sqlite_database: { x: database } }).get('x');

describe('[sqlite_database]', () => {
  it.each([
    [{ type: 'spin' }, { type: 'spin', path: undefined, allowAttachFile: false }],
    [
      { type: 'spin', path: 'a.db', allow_attach_file: true },
      { type: 'spin', path: 'a.db', allowAttachFile: true },
    ],
    [
      { type: 'libsql', url: 'https://a.example', token: 't' },
      { type: 'libsql', url: new URL('https://a.example'), token: 't' },
    ],
  ])('is read from %j', (database, expected) => {
    expect(parse(database)).toEqual(expected);
  });

  it('may be left out', () => {
    expect(parseSqliteConfig({}).size).toBe(0);
  });

  it.each<[database: unknown, field: string]>([
    [5, 'sqlite_database.x'],
    [{}, 'sqlite_database.x.type'],
    [{ type: 'postgres' }, 'sqlite_database.x.type'],
    [{ type: 'spin', path: 5 }, 'sqlite_database.x.path'],
    [{ type: 'spin', path: '' }, 'sqlite_database.x.path'],
    [{ type: 'spin', allow_attach_file: 'yes' }, 'sqlite_database.x.allow_attach_file'],
    [{ type: 'spin', pth: 'a' }, 'sqlite_database.x.pth'],
    [{ type: 'libsql', url: 'ftp://a', token: 't' }, 'sqlite_database.x.url'],
    [{ type: 'libsql', url: 'https://u:secret@a', token: 't' }, 'sqlite_database.x.url'],
    [{ type: 'libsql', url: 'https://a' }, 'sqlite_database.x.token'],
    [{ type: 'libsql', url: 'https://a', token: 'sec\nret' }, 'sqlite_database.x.token'],
    [{ type: 'libsql', url: 'https://a', token: 't', path: 'secret' }, 'sqlite_database.x.path'],
  ])('is refused by field, without its value, for %j', (database, field) => {
    let error: unknown;
    try {
      parse(database);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).place.field).toBe(field);
    expect(JSON.stringify([(error as UserError).message, (error as UserError).remedy])).not.toMatch(/sec.{0,2}ret/);
  });
});
