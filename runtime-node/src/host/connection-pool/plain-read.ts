// Whether a statement leaves a session of a database as it was, so that the next guest may have it without the round trip
// that takes back what the last one left. Pure; looks at the text only, and says no to whatever it does not know.

/** What is longer is not worth the look. */
const MAX_CHARACTERS = 4096;

/**
 * One SELECT that calls nothing and assigns nothing: no parentheses, so no function (`set_config`, `pg_advisory_lock`,
 * `GET_LOCK`) and no query within it; no second statement; no variable of a session.
 */
const PLAIN_SELECT = /^\s*SELECT\s[^();@\\]*$/i;

/** `INTO` makes a table, or a variable; `NEXT VALUE FOR` is a call without parentheses. */
const LEAVES_SOMETHING = /\b(?:INTO|NEXT)\b/i;

export const isPlainRead = (statement: string): boolean =>
  statement.length <= MAX_CHARACTERS && PLAIN_SELECT.test(statement) && !LEAVES_SOMETHING.test(statement);
